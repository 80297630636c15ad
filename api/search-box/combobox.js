/**
 * The suggestions under a search field: an "editable combobox with list autocomplete" of the WAI-ARIA Authoring
 * Practices. Nothing is selected until the reader selects it.
 */

import { Latest } from "./client.js";
import { make } from "./dom.js";
import listCss from "./list.css" with { type: "css" };

export class Combobox {
  static #made = 0;
  #latest = new Latest();
  #timer;
  #text; // the text of the list; null as soon as the reader types
  #shown = [];
  #active = 0; // 1 is the first option, 0 the field

  /**
   * Suggest under `input` until `signal` aborts, which restores the field.
   *
   * `address(text)` returns the address of the suggestions for a text. `keep(suggestion)` returns true for those to show.
   * `choose(suggestion)` gets the selected one. `announce(text)` gets the count for screen readers. `debounce()` returns
   * the milliseconds to wait for the next key.
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
    // keep the focus in the field while an option is pressed, otherwise blur would close the list first
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

  /** Request the suggestions for the present text, then move by `steps` in them. */
  async #ask(steps = 0) {
    clearTimeout(this.#timer);
    // ignore a failure: the field searches without suggestions, too
    const text = this.input.value.trim();
    const answer = await this.#latest.get(this.address(text)).catch(() => ({}));
    if (!answer) return;
    this.#fill(answer.suggestions?.filter(this.keep) ?? [], text);
    this.#point(steps);
  }

  /** Cancel the running request, so that its answer opens nothing. */
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
      // isolate the name, which may have another writing direction
      make("span", make("bdi", texts.label(type, value, label))),
      " ",
      make("small", type === "headline" ? kind : `${kind} · ${texts.number(count)}`),
    );
  }

  /** Show the list, or hide it if `n` is 0, and announce the count. */
  #show(n = this.#shown.length) {
    const changes = n || !this.list.hidden;
    this.list.hidden = !n;
    this.input.setAttribute("aria-expanded", String(n > 0));
    if (changes) this.announce(n ? this.texts.say("suggested", { n }) : "");
  }

  close() {
    this.#drop();
    this.#point(0);
    this.#show(0);
  }

  /** Make an option active. After the last option comes the field, then the first option. */
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

  /** Open the list and move in it. If the list belongs to an older text, request a new one first. */
  #move(steps) {
    if (this.#text === this.input.value.trim()) {
      if (this.list.hidden) this.#show();
      this.#point(this.#active + steps);
    } else if (this.input.value.trim()) this.#ask(steps);
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // 229: the Enter that ends a composition in Safari
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
