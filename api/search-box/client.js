/** Requests to the API: a newer request cancels the older one. */

/** Runs one request at a time. A newer one cancels the older. */
export class Latest {
  #running = new AbortController();

  /**
   * Return the JSON at an address, or null if a newer request or `drop` cancelled this one.
   *
   * Throws `{kind, message}`: the key of a text (failed, unreachable, offline), and the API's message.
   */
  async get(url) {
    this.drop();
    const { signal } = (this.#running = new AbortController());
    try {
      const response = await fetch(url, { signal });
      // without a prototype, so that `make` never takes a part of an answer for properties
      const answer = JSON.parse(await response.text(), (_, value) => (value?.constructor === Object ? { __proto__: null, ...value } : value));
      if (response.ok) return signal.aborted ? null : answer;
      throw { kind: "failed", message: Object.values(answer.errors ?? {}).flat().join(" ") || answer.detail };
    } catch (failure) {
      if (signal.aborted) return null;
      throw failure.kind ? failure : { kind: navigator.onLine ? "unreachable" : "offline" };
    }
  }

  drop() {
    this.#running.abort();
  }
}
