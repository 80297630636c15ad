/**
 * <dateline-search>: a search box for any web page. docs/search-box.md describes it.
 *
 * It uses a form inside it, around it, or named by `form`; otherwise it makes its own. The content between its tags shows
 * until there are results.
 */

import { Latest } from "./client.js";
import { Combobox } from "./combobox.js";
import { make } from "./dom.js";
import { Results } from "./results.js";
import { changed, pairsOf, readState, usualSort, writtenInto } from "./state.js";
import { Texts } from "./texts.js";
import { SHEETS } from "./styles.js";

const HERE = new URL(".", import.meta.url).href;
const FILTERS = ["country", "person", "source", "from", "to"];
const FACETS = ["country", "person", "date"];
const ORDER = /^(sort|collapse|recency|interval|page)$/; // parameters that /v1/facets does not take
const MOST = 100; // hits in one answer

class DatelineSearch extends HTMLElement {
  /** Milliseconds between a key and the request for suggestions: a fast typist's pause between two keys. */
  static debounce = 100;

  #prefix;
  #view;
  #form;
  #input;
  #combobox;
  #results;
  #status;
  #page; // address of the page with the results, if it is another page
  #again; // repeats the request that failed
  #perPage;
  #slot = make("slot"); // shows the content between the tags
  #leave;
  #latest = new Latest();

  connectedCallback() {
    this.#leave = new AbortController();
    this.#start(this.#leave.signal);
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#latest.drop();
    this.#results?.drop();
  }

  async #start(signal) {
    this.#findPrefix();
    const language = this.closest("[lang]")?.lang ?? "";
    const given = this.querySelector("script[type='application/json']")?.textContent ?? "{}";
    const own = await new Response(given).json().catch(console.error); // ignore the texts of the page if they are not JSON
    const texts = await Texts.load(language, (code) => this.#address(`texts/${code}.json`), own);
    if (signal.aborted) return;
    this.#view = this.#viewed(texts);
    this.#draw(texts, signal);
    document.addEventListener("keydown", (event) => this.#slash(event), { signal });
    if (this.#page) return;
    addEventListener("popstate", () => this.#readAddress(), { signal });
    addEventListener("online", () => this.#again?.(), { signal });
    const typed = this.#input.value; // typed before the element was ready
    this.#readAddress(true);
    if (typed) this.#input.value = typed;
  }

  /** Find the prefix of the parameters in the address: none for the first box of a page, else its name or number. */
  #findPrefix() {
    const name = this.getAttribute("name");
    const number = [...document.querySelectorAll("dateline-search:not([name], [results-page])")].indexOf(this);
    this.#prefix = name ? `${name}.` : number > 0 ? `${number + 1}.` : "";
    this.#page = this.getAttribute("results-page");
  }

  #viewed(texts) {
    const fixed = {};
    for (const name of FILTERS) {
      const values = this.getAttribute(name)?.trim();
      if (values) fixed[name] = values.split(/\s*;\s*/).filter(Boolean);
    }
    const facets = FACETS.filter((name) => (this.getAttribute("facets") ?? name).includes(name));
    const nothing = readState(new URLSearchParams(), "");
    const target = this.getAttribute("target");
    return {
      texts,
      nothing,
      fixed,
      facets: facets.filter((name) => !(name in fixed || (name === "date" && (fixed.from || fixed.to)))),
      target: target && { target, rel: "noopener" },
      original: this.getAttribute("links") !== "article",
      state: this.#view?.state ?? { ...nothing },
      go: (changes) => this.#go(changes),
      act: (label, changes, properties) => this.#act(label, changes, properties),
      address: (path, pairs) => this.#address(path, pairs),
      filters: () => this.#filters(),
      more: () => this.#more(),
      retry: () => this.#again(),
    };
  }

  /** Return an address of the server. */
  #address(path, pairs = []) {
    const host = this.getAttribute("host");
    const url = new URL(path, host ? new URL(host.replace(/\/*$/, "/"), document.baseURI) : HERE);
    url.search = new URLSearchParams(pairs);
    return url.href;
  }

  #draw(texts, signal) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = SHEETS;
    const form = document.getElementById(this.getAttribute("form")) ?? this.querySelector("form") ?? this.closest("form");
    const field = form?.querySelector("input[type=search], input[name=q]");
    this.#form = field ? form : this.#ownForm(texts);
    this.#input = field ?? this.#form.firstChild;
    this.#status = make("p.hidden", { role: "status" });
    this.#results = this.#page ? null : new Results(this.#view);
    const box = make("div.box", { dir: texts.dir, lang: texts.language }, !field && this.#form, this.#status, this.#results?.element);
    box[this.contains(field) ? "prepend" : "append"](this.#slot); // content with a form above the results, other content below
    root.replaceChildren(box);
    this.#combobox = new Combobox(this.#input, {
      texts,
      address: (text) => this.#address("v1/suggest", [["q", text]]),
      choose: (suggestion) => this.#choose(suggestion),
      announce: (text) => this.#announce(text),
      debounce: () => DatelineSearch.debounce,
      keep: ({ type }) => !(type in this.#view.fixed || (type === "headline" && Object.keys(this.#view.fixed).length)),
      signal,
    });
    this.#form.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  #ownForm(texts) {
    const placeholder = this.getAttribute("placeholder") ?? texts.say("placeholder");
    const field = make("input", { type: "search", name: "q", placeholder, part: "input", enterKeyHint: "search", ariaLabel: placeholder });
    const button = make("button", { part: "button" }, texts.say("search"));
    return make("form.ask", { role: "search" }, field, button);
  }

  /** Return a link that changes the search here. Opened in a new tab, it leads to this page with that search. */
  #act(label, changes, properties = {}) {
    const href = this.#here(changed(this.#view.state, changes));
    const onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#go(changes);
    };
    return make("a", { href, onclick, ...properties }, ...[label].flat());
  }

  #slash(event) {
    const [target] = event.composedPath();
    if (event.defaultPrevented || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    this.#input.focus();
    this.#input.select();
  }

  #choose({ type, value }) {
    if (type === "headline") make("a", { href: this.#address(`articles/${encodeURIComponent(value)}`), ...this.#view.target }).click();
    else if (type === "word") this.#ask({ q: value });
    else this.#ask({ q: "", [type]: [...new Set([...this.#view.state[type], value])] });
  }

  #submit(event) {
    this.#combobox.close();
    if (this.#page && this.#form.getRootNode() !== this.shadowRoot) return; // the form leads there itself
    event.preventDefault();
    this.#ask({ q: this.#input.value.trim() });
  }

  /** Search here, or on the page with the results. */
  #ask(changes) {
    if (!this.#page) return this.#go({ story: "", correct: "", ...changes });
    location.href = this.#here(changed(this.#view.state, changes), new URL(this.#page, document.baseURI));
  }

  #go(changes) {
    this.#take(changed(this.#view.state, changes));
    this.#write("pushState");
    this.#open();
  }

  /** Replace the state of the box. The state does not contain the filters that the page sets. */
  #take(state) {
    const { nothing, fixed } = this.#view;
    for (const name in fixed) state[name] = nothing[name];
    this.#view.state = state;
  }

  /** Return the address of a page, by default this one, with a state. */
  #here(state, url = new URL(location)) {
    url.search = writtenInto(url.search, state, this.#prefix);
    return url.href;
  }

  /** Write the state into the address with a method of `history`. Other parameters and `history.state` stay. */
  #write(method) {
    const here = this.#here(this.#view.state);
    try {
      if (here !== location.href) history[method](history.state, "", here);
    } catch {
      // a file, or a frame without its own address
    }
  }

  /** Read the state from the address and search, if it is another state. */
  #readAddress(first) {
    const asked = () => String(pairsOf(this.#view.state));
    const before = asked();
    this.#take(readState(new URLSearchParams(location.search), this.#prefix));
    if (!first && asked() === before) return;
    if (asked() || this.hasAttribute("browse")) this.#open();
    else this.#empty();
  }

  #empty() {
    this.#latest.drop();
    this.#again = null;
    this.#results.element.hidden = true;
    this.#slot.name = "";
    this.#input.value = "";
  }

  /** Search for the state. It shows all pages up to its page number, as far as one answer has enough hits. */
  #open() {
    const { state } = this.#view;
    this.#input.value = state.q;
    this.#perPage = Math.min(Number(this.getAttribute("per-page")) || 10, MOST);
    state.page = Math.min(state.page, Math.floor(MOST / this.#perPage));
    this.#search();
  }

  /** Return the query and the filters as pairs. */
  #filters() {
    return pairsOf({ ...this.#view.state, ...this.#view.fixed }).filter(([name]) => !ORDER.test(name));
  }

  /** Return the address of the request for the state. */
  #asked(paging) {
    const { state, facets, fixed } = this.#view;
    const sort = state.sort || usualSort(state);
    const collapse = state.collapse || (state.story ? "none" : "story");
    return this.#address("v1/search", pairsOf({ ...state, ...fixed, sort, collapse, facets: facets.join() || "none", ...paging }));
  }

  #search() {
    const { page } = this.#view.state;
    this.#answer({ page: 1, per_page: this.#perPage * page }, (found) => {
      this.#results.show(found);
      this.#slot.name = this.contains(this.#form) ? "" : "nothing"; // content without a slot is hidden
      this.#announce(this.#results.counted(found));
    });
  }

  #more() {
    const { state } = this.#view;
    const add = (found) => {
      this.#results.add(found);
      state.page += 1;
      this.#write("replaceState");
      this.#announce(this.#results.shown() || this.#results.counted(found));
    };
    this.#answer({ page: state.page + 1, per_page: this.#perPage }, add, true);
  }

  /** Request an answer for `show`. A newer search cancels it. After a failure, `keep` keeps the results. */
  async #answer(paging, show, keep) {
    this.#results.wait(true);
    this.#again = null;
    try {
      const found = await this.#latest.get(this.#asked(paging));
      if (found) show(found);
    } catch (failure) {
      this.#again = () => this.#answer(paging, show, keep);
      this.#results.fail(failure, keep);
      if (!failure.kind) throw failure; // the answer is not what the API promises
    }
  }

  #announce(text) {
    this.#status.textContent = text;
  }
}

if (!customElements.get("dateline-search")) customElements.define("dateline-search", DatelineSearch);
