/**
 * The suggestions under a search field: an ARIA combobox with list autocomplete, in which nothing is taken until the
 * reader takes it ("editable combobox with list autocomplete" of the WAI-ARIA Authoring Practices).
 */

import { Latest } from "./client.js";
import { make } from "./dom.js";
import listCss from "./list.css" with { type: "css" };

export class Combobox {
  static #made = 0;
  #latest = new Latest();
  #timer;
  #text; // what the list was asked for; null once something else is typed
  #shown = [];
  #active = 0; // 1 is the first option, 0 the field

  /**
   * Suggest under `input` until `signal` aborts, which leaves the field as it was found.
   *
   * `address(text)` is where the suggestions for a text are, `keep(suggestion)` tells whether to show one,
   * `choose(suggestion)` is called with the one taken, `announce(text)` tells the count to who cannot see it, and
   * `debounce()` is how many milliseconds to wait for the next key, 0 for not at all.
   */
  constructor(input, { texts, address, choose, announce, signal, debounce, keep }) {
    Object.assign(this, { input, texts, address, choose, announce, debounce, keep });
    const id = `dateline-list-${++Combobox.#made}`;
    this.list = make("ul.dateline-list", { id, hidden: true, role: "listbox" });
    input.after(this.list);
    const { adoptedStyleSheets } = input.getRootNode();
    if (!adoptedStyleSheets.includes(listCss)) adoptedStyleSheets.push(listCss);
    this.#dress(signal);
    input.addEventListener("input", () => this.#typed(), { signal });
    input.addEventListener("keydown", (event) => this.#key(event), { signal });
    input.addEventListener("blur", () => this.close(), { signal });
    // the field keeps the focus while an option is pressed, so blur does not take the list away first
    this.list.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    this.list.addEventListener("click", (event) => this.#click(event), { signal });
  }

  #dress(signal) {
    const { input, list } = this;
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    const before = Object.entries({ autocomplete: "off", ...roles }).map(([name, value]) => {
      const old = input.getAttribute(name);
      input.setAttribute(name, value);
      return () => (old === null ? input.removeAttribute(name) : input.setAttribute(name, old));
    });
    signal.addEventListener("abort", () => {
      this.close();
      list.remove();
      for (const restore of before) restore();
    });
  }

  #typed() {
    this.#drop();
    this.#point(0);
    this.#text = null;
    if (this.input.value.trim()) this.#timer = setTimeout(() => this.#ask(), this.debounce());
    else this.close();
  }

  /** Ask for the suggestions of the present text, and move so far in them. */
  async #ask(steps = 0) {
    clearTimeout(this.#timer);
    // suggestions are a help: without them the field still searches, so a failure stays quiet
    const text = this.input.value.trim();
    const answer = await this.#latest.get(this.address(text)).catch(() => ({}));
    if (!answer) return;
    this.#fill(answer.suggestions?.filter(this.keep) ?? [], text);
    this.#point(steps);
  }

  /** Forget the request under way, so that its answer opens nothing. */
  #drop() {
    clearTimeout(this.#timer);
    this.#latest.drop();
  }

  #fill(suggestions, text) {
    const { texts, list } = this;
    this.#shown = suggestions;
    this.#text = suggestions.length ? text : null;
    Object.assign(list, { dir: texts.dir, lang: texts.language, ariaLabel: texts.say("suggestions") });
    list.replaceChildren(...suggestions.map((suggestion, index) => this.#option(suggestion, index + 1)));
    list.scrollTop = 0;
    this.#show();
  }

  #option({ type, value, label, count }, number) {
    const { texts, list } = this;
    const kind = texts.say(`type_${type}`);
    return make(
      "li",
      { id: `${list.id}-${number}`, role: "option", part: "option", ariaSelected: false },
      // isolated, so that a name's direction of writing ends with the name
      make("span", make("bdi", texts.label(type, value, label))),
      " ",
      make("small", type === "headline" ? kind : `${kind} · ${texts.number(count)}`),
    );
  }

  /** Show the list, or with 0 hide it, and tell how many there are. */
  #show(n = this.#shown.length) {
    const told = n || !this.list.hidden;
    this.list.hidden = !n;
    this.input.setAttribute("aria-expanded", String(n > 0));
    if (told) this.announce(n ? this.texts.say("suggested", { n }) : "");
  }

  close() {
    this.#drop();
    this.#point(0);
    this.#show(0);
  }

  /** Make an option the active one, counting on from the last through the field to the first. */
  #point(number) {
    const options = this.list.children;
    const count = options.length + 1;
    options[this.#active - 1]?.setAttribute("aria-selected", "false");
    this.#active = ((number % count) + count) % count;
    const option = options[this.#active - 1];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  /** Open the list and move in it; if it is that of an older text, ask for the present one's first. */
  #move(steps) {
    if (this.#text === this.input.value.trim()) {
      if (this.list.hidden) this.#show();
      this.#point(this.#active + steps);
    } else if (this.input.value.trim()) this.#ask(steps);
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // 229: Safari's Enter that ends a composition
    const { key } = event;
    const active = this.#active;
    const moves = {
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      "Alt+ArrowDown": () => this.#move(0),
      "Alt+ArrowUp": () => this.close(),
      Home: active && (() => this.#point(1)),
      End: active && (() => this.#point(-1)),
      Enter: active && (() => this.#take(active)),
      Escape: this.list.hidden ? this.input.value && (() => this.#clear()) : () => this.close(),
    };
    const move = !event.ctrlKey && !event.metaKey && !event.shiftKey && moves[(event.altKey ? "Alt+" : "") + key];
    if (move) {
      event.preventDefault();
      move();
    } else if (key === "Tab" || key === "Enter") this.close();
    else if (/^(ArrowLeft|ArrowRight|Home|End)$/.test(key)) this.#point(0);
  }

  #clear() {
    this.input.value = "";
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #take(number) {
    const taken = this.#shown[number - 1];
    this.close();
    this.choose(taken);
  }

  #click(event) {
    const option = event.target.closest("[role=option]");
    if (option) this.#take([...this.list.children].indexOf(option) + 1);
  }
}
