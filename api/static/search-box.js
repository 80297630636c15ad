// <dateline-search>: a search field with completions for any web page.
//
//   <script type="module" src="https://HOST/search-box.js"></script>
//   <dateline-search placeholder="Search the archive"></dateline-search>
//
// With a <form> inside, the element adds completions to the form's search field and leaves the rest to the form.
// Without one it draws its own form in a shadow root and shows what it finds under the field.
// `host` is the address of the server, by default that of this script. Every text from the server becomes a text
// node, never markup.

const HERE = new URL(".", import.meta.url).href;
const DEBOUNCE = 120; // milliseconds; a quick typist's pause between two keys
const TYPES = { person: "Person", country: "Country", headline: "Article", word: "Search" };
const FACETS = { country: "Countries", person: "People" };
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" }; // those that the server writes

const CSS = `
  .dateline-list { position: absolute; z-index: 50; inset: calc(100% + 4px) 0 auto 0; margin: 0; padding: 4px;
    list-style: none; background: Canvas; color: CanvasText; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas);
    border-radius: 10px; box-shadow: 0 8px 24px rgb(0 0 0 / .16); font-size: .95rem; max-height: 60vh; overflow: auto; }
  .dateline-list[hidden] { display: none; }
  .dateline-list li { display: flex; gap: 1em; justify-content: space-between; padding: .4em .7em; border-radius: 7px; cursor: pointer; }
  .dateline-list li[aria-selected=true], .dateline-list li:hover { background: color-mix(in srgb, CanvasText 9%, Canvas); }
  .dateline-list li[aria-selected=true] { outline: 2px solid color-mix(in srgb, CanvasText 45%, Canvas); outline-offset: -2px; }
  .dateline-list small { color: color-mix(in srgb, CanvasText 70%, Canvas); white-space: nowrap; }`;

// text takes the page's colour and its colour scheme, as it stands on the page's own background
const OWN_CSS = `
  :host { display: block; font: 1rem/1.5 system-ui, sans-serif; }
  form { display: flex; gap: .5em; position: relative; }
  input, form > button { font: inherit; padding: .5em .8em; border-radius: 8px; border: 1px solid color-mix(in srgb, CanvasText 30%, Canvas); }
  input { flex: 1; min-width: 0; background: Canvas; color: CanvasText; }
  form > button { background: #0b5f6e; border-color: #0b5f6e; color: #fff; cursor: pointer; }
  :focus-visible { outline: 2px solid #2b8a9b; outline-offset: 1px; }
  mark { background: color-mix(in srgb, #f4b860 45%, transparent); color: inherit; }
  ol { list-style: none; margin: 0; padding: 0; }
  ol li { padding: .7em 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); overflow-wrap: anywhere; }
  ol a { font-weight: 600; }
  a { color: inherit; text-underline-offset: .18em; }
  p { margin: .2em 0; }
  .faint { color: color-mix(in srgb, currentColor 75%, transparent); font-size: .87em; }
  .facet { display: flex; flex-wrap: wrap; gap: .4em; align-items: baseline; margin: .6em 0; font-size: .9em; }
  .facet button { font: inherit; color: inherit; background: none; border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 99px; padding: .1em .8em; cursor: pointer; }
  .facet button[aria-pressed=true] { background: #0b5f6e; border-color: #0b5f6e; color: #fff; }`;

function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
const SHEET = sheet(CSS);
const OWN_SHEET = sheet(OWN_CSS);

/** Make an element with properties, attributes (names with a dash, and role) and children; strings become text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Turn a highlight into nodes: <mark> is the one tag in it, and five characters are escaped. */
function highlighted(html) {
  const plain = (text) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => ENTITIES[name]);
  return html.split(/<mark>(.*?)<\/mark>/su).map((text, index) => (index % 2 ? make("mark", {}, plain(text)) : plain(text)));
}

/** Return a web address as it is, else null: an article's url may hold anything. */
const webAddress = (url) => (/^https?:\/\//i.test(url ?? "") ? url : null);

/** Runs one request at a time; a newer one drops the older, whose answer then never arrives. */
class Latest {
  #running = new AbortController();

  async get(url) {
    this.drop();
    const { signal } = (this.#running = new AbortController());
    try {
      const response = await fetch(url, { signal });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.detail ?? response.statusText);
      return answer;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  drop() {
    this.#running.abort();
  }
}

/** The list of completions under a field: an ARIA combobox. */
class Completions {
  static #made = 0;
  #latest = new Latest();
  #timer = 0;
  #active = -1;
  #shown = [];

  /** `address(text)` is where completions come from; `choose(suggestion)` is called with the one taken. */
  constructor(input, address, choose, signal) {
    Object.assign(this, { input, address, choose });
    const id = `dateline-list-${++Completions.#made}`;
    this.list = make("ul", { id, className: "dateline-list", hidden: true, role: "listbox", "aria-label": "Suggestions" });
    input.after(this.list);
    const root = input.getRootNode();
    if (!root.adoptedStyleSheets.includes(SHEET)) root.adoptedStyleSheets.push(SHEET);
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    input.autocomplete = "off";
    input.addEventListener("input", () => this.#later(), { signal });
    input.addEventListener("keydown", (event) => this.#key(event), { signal });
    input.addEventListener("blur", () => this.close(), { signal });
    // the field keeps the focus while an option is clicked, so blur does not take the list away first
    this.list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.list.addEventListener("click", (event) => this.#click(event), { signal });
    signal.addEventListener("abort", () => this.#remove());
  }

  #remove() {
    this.close();
    this.list.remove();
    for (const name of ["role", "aria-autocomplete", "aria-expanded", "aria-controls"]) this.input.removeAttribute(name);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#latest.drop();
    const text = this.input.value.trim();
    if (!text) return this.close();
    this.#timer = setTimeout(() => this.#ask(text), DEBOUNCE);
  }

  async #ask(text) {
    // completions are a help: without them the field still searches, so a failure stays quiet
    const answer = await this.#latest.get(this.address(text)).catch(() => null);
    if (answer) this.#show(answer.suggestions);
  }

  #show(suggestions) {
    this.#shown = suggestions;
    const options = suggestions.map(({ type, label, count }, index) =>
      make(
        "li",
        { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false" },
        make("span", {}, label),
        make("small", {}, type === "headline" ? TYPES[type] : `${TYPES[type] ?? type} · ${count.toLocaleString("en")}`),
      ),
    );
    this.list.replaceChildren(...options);
    this.list.hidden = !options.length;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.#point(-1);
  }

  #point(index) {
    this.list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = this.list.children[index];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") return this.#enter(event);
    if (this.list.hidden) return;
    const last = this.#shown.length - 1;
    const active = this.#active;
    const moves = {
      ArrowDown: () => this.#point(active === last ? -1 : active + 1),
      ArrowUp: () => this.#point(active === -1 ? last : active - 1),
      Home: active >= 0 && (() => this.#point(0)),
      End: active >= 0 && (() => this.#point(last)),
      Escape: () => this.close(),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }

  #enter(event) {
    const chosen = this.#shown[this.#active];
    this.close();
    if (!chosen) return;
    event.preventDefault();
    this.choose(chosen);
  }

  #click(event) {
    const index = [...this.list.children].indexOf(event.target.closest("li"));
    const chosen = this.#shown[index];
    this.close();
    if (chosen) this.choose(chosen);
  }

  close() {
    clearTimeout(this.#timer);
    this.#latest.drop();
    this.#show([]);
  }
}

class DatelineSearch extends HTMLElement {
  #leave = null;
  #latest = new Latest();

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    // while the page is still read, a form inside may be yet to come
    if (document.readyState !== "loading") this.#start(signal);
    else document.addEventListener("DOMContentLoaded", () => this.#start(signal), { once: true, signal });
  }

  #start(signal) {
    const own = !this.querySelector("form");
    this.form = own ? this.#draw() : this.querySelector("form");
    this.input = this.form.querySelector("input[type=search]");
    const address = (text) => this.#address("v1/suggest", [["q", text]]);
    this.completions = new Completions(this.input, address, (suggestion) => this.#choose(suggestion), signal);
    document.addEventListener("keydown", (event) => this.#slash(event), { signal });
    if (own) this.form.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#latest.drop();
  }

  #address(path, pairs = []) {
    const host = this.getAttribute("host");
    const base = host ? new URL(host.replace(/\/*$/, "/"), document.baseURI) : HERE;
    const url = new URL(path, base);
    url.search = new URLSearchParams(pairs);
    return url.href;
  }

  #draw() {
    const placeholder = this.getAttribute("placeholder") ?? "Search the news";
    const form = make(
      "form",
      { role: "search" },
      make("input", { type: "search", name: "q", placeholder, "aria-label": placeholder }),
      make("button", {}, "Search"),
    );
    this.status = make("p", { className: "faint", role: "status" });
    this.results = make("div");
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [OWN_SHEET];
    root.replaceChildren(form, this.status, this.results);
    return form;
  }

  #slash(event) {
    const [target] = event.composedPath();
    const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (event.key !== "/" || typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }

  #choose({ type, value }) {
    if (type === "headline") {
      location.href = this.#address(`articles/${encodeURIComponent(value)}`);
      return;
    }
    this.input.value = type === "word" ? value : "";
    if (type !== "word") this.#filter(type, value, true);
    this.form.requestSubmit();
  }

  /** Filters are hidden fields of the form, so that the form alone says what is searched. */
  #filter(name, value, on) {
    const same = (field) => field.name === name && field.value === value;
    for (const field of this.form.querySelectorAll("input[type=hidden]")) if (same(field)) field.remove();
    if (on) this.form.append(make("input", { type: "hidden", name, value }));
  }

  async #submit(event) {
    event.preventDefault();
    this.completions.close();
    const pairs = [...new FormData(this.form)];
    try {
      const found = await this.#latest.get(this.#address("v1/search", [...pairs, ["facets", "country,person"], ["facet_size", "5"]]));
      if (found) this.#show(found, pairs);
    } catch (error) {
      this.status.textContent = `The search failed: ${error.message}`;
      this.results.replaceChildren();
    }
  }

  #show(found, pairs) {
    const count = found.total === 1 ? "1 article" : `${found.total.toLocaleString("en")} articles`;
    const all = make("a", { href: this.#address("", pairs) }, "Open in Dateline");
    const notes = [...found.warnings];
    if (found.correction === "applied") notes.push(`Shown are the results for “${found.corrected}”.`);
    else if (found.corrected) notes.push(`Did you mean “${found.corrected}”?`);
    if (found.relaxed.length) notes.push(`Articles may lack ${found.relaxed.map((word) => `“${word}”`).join(", ")}.`);
    this.status.replaceChildren(count, " · ", all);
    this.results.replaceChildren(
      ...notes.map((note) => make("p", {}, note)),
      ...Object.keys(FACETS).map((name) => this.#facet(name, found.facets[name])),
      make("ol", {}, ...found.hits.map((hit) => this.#hit(hit))),
    );
  }

  #facet(name, values) {
    const row = make("div", { className: "facet", role: "group", "aria-label": FACETS[name] });
    for (const { value, label, count, selected } of values) {
      const button = make("button", { type: "button", "aria-pressed": selected }, `${label} ${count.toLocaleString("en")}`);
      button.onclick = () => {
        this.#filter(name, value, !selected);
        this.input.focus({ preventScroll: true }); // the button goes away with the old results
        this.form.requestSubmit();
      };
      row.append(button);
    }
    return row;
  }

  #hit(hit) {
    const href = webAddress(hit.url) ?? this.#address(`articles/${encodeURIComponent(hit.id)}`);
    const about = [hit.published?.slice(0, 10), hit.source, ...hit.countries.map(({ name }) => name)];
    return make(
      "li",
      {},
      make("a", { href }, ...highlighted(hit.highlights.title)),
      make("p", { className: "faint" }, about.filter(Boolean).join(" · ")),
      make("p", {}, ...hit.highlights.body.flatMap((html, index) => [index ? " … " : "", ...highlighted(html)])),
    );
  }
}

if (!customElements.get("dateline-search")) customElements.define("dateline-search", DatelineSearch);
