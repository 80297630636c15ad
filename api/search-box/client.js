/** Requests: the newest counts, older ones are dropped. */

/** Runs one request at a time; a newer one cancels the older, whose answer then never arrives. */
export class Latest {
  #running = new AbortController();

  /**
   * Return the JSON at an address, or null where a newer request or `drop` came in between.
   *
   * Throws `{kind, told}`: the key of a text (failed, unreachable, offline), and what the API says of it.
   */
  async get(url) {
    this.drop();
    const { signal } = (this.#running = new AbortController());
    try {
      const response = await fetch(url, { signal });
      // without a prototype, so that nothing of an answer passes for properties of an element
      const answer = JSON.parse(await response.text(), (_, value) => (value?.constructor === Object ? { __proto__: null, ...value } : value));
      if (response.ok) return signal.aborted ? null : answer;
      throw { kind: "failed", told: Object.values(answer.errors ?? {}).flat().join(" ") || answer.detail };
    } catch (failure) {
      if (signal.aborted) return null;
      throw failure.kind ? failure : { kind: navigator.onLine ? "unreachable" : "offline" };
    }
  }

  drop() {
    this.#running.abort();
  }
}
