/** The results of a search: active filters, notes, histogram, order, hits, facets. */

import { Chart } from "./chart.js";
import { make, refill } from "./dom.js";
import { Facet } from "./facet.js";
import { hitItem } from "./hits.js";
import { toggled, usualSort } from "./state.js";

const SORTS = ["relevance", "newest", "oldest"];

export class Results {
  #view;
  #chart;
  #facets;
  #notes = make("div");
  #count = make("h2.count", { tabIndex: -1, key: "count" });
  #sorts;
  #hits = make("ol.hits");
  #alternatives = make("div.alternatives");
  #left = make("span.faint");
  #later;
  #failure = make("div.failure", { role: "alert" });
  #body;
  #from;
  #to;
  #filters;
  #countries = [];

  /**
   * `view` has texts, state, nothing (the state without a search), fixed (filters that the page sets), facets (names),
   * original and target (of links), go(changes), more(), retry(), act(label, changes, properties) -> link,
   * address(path, pairs) of the server, and filters() -> the pairs of query and filters.
   */
  constructor(view) {
    this.#view = view;
    const { texts } = view;
    this.#chart = new Chart(texts, (from, to) => view.go({ from, to }));
    this.#facets = view.facets.filter((name) => name !== "date").map((name) => new Facet(name, view));
    this.#sorts = make("nav.sorts", { ariaLabel: texts.say("order") });
    this.#later = make("button.more", { onclick: () => view.more() }, texts.say("load_more"));
    this.#body = make("div.split", this.#layOut(), this.#layOutFilters());
    this.element = make("div.results", this.#failure, this.#body);
    this.#body.hidden = true;
  }

  #layOut() {
    const ends = make("p.ends", this.#later, this.#left);
    const chart = this.#view.facets.includes("date") && this.#chart.element;
    const row = make("div.bar-row", this.#count, this.#sorts);
    return make("div", this.#notes, chart, row, this.#hits, this.#alternatives, ends);
  }

  #layOutFilters() {
    const { texts, facets } = this.#view;
    if (!facets.length) return;
    // a half-typed year begins with 0
    const day = () => make("input", { type: "date", onchange: ({ target }) => target.value[0] !== "0" && this.#view.go({ from: this.#from.value, to: this.#to.value }) });
    this.#from = day();
    this.#to = day();
    const labels = [["from", this.#from], ["to", this.#to]].map(([key, field]) => make("label", texts.say(key), field));
    const dates = make("section", make("h3", texts.say("date")), make("div.dates", ...labels));
    const sections = this.#facets.map((facet) => facet.element);
    this.#filters = make("section.filters", { ariaLabel: texts.say("filters") }, facets.includes("date") && dates, ...sections);
    return this.#filters;
  }

  /** Set whether the results are busy. */
  wait(waiting) {
    this.element.ariaBusy = waiting;
    this.element.hidden &&= waiting;
  }

  /** Replace the results with those of an answer. */
  show(found) {
    const { state } = this.#view;
    const root = this.element.getRootNode();
    const focused = this.element.contains(root.activeElement);
    this.wait(false);
    refill(this.#failure);
    this.#body.hidden = false;
    this.#countries = found.facets.country ?? [];
    if (state.country.length && this.#countries.length) state.country = this.#countries.flatMap(({ value, selected }) => (selected ? value : [])); // replace names by codes
    refill(this.#notes, this.#chips(), ...this.#noted(found));
    this.#chart.update(found.facets.date ?? [], state.from, state.to);
    if (this.#from) [this.#from.value, this.#to.value] = [state.from, state.to];
    this.#count.textContent = this.counted(found);
    refill(this.#sorts, ...this.#orders(found));
    for (const facet of this.#facets) facet.update(found.facets[facet.name] ?? []);
    refill(this.#hits, ...found.hits.map((hit) => hitItem(hit, this.#view)));
    this.#number(found);
    refill(this.#alternatives, ...(found.total ? [] : this.#otherSearches(found)));
    if (focused && !root.activeElement) this.#count.focus();
  }

  /** Add the hits of the next page; the focus goes to the first of them. */
  add(found) {
    this.wait(false);
    refill(this.#failure);
    const items = found.hits.map((hit) => hitItem(hit, this.#view));
    this.#hits.append(...items);
    items[0]?.querySelector("a").focus();
    this.#number(found);
  }

  #number({ total, stories, per_page: size, hits }) {
    const n = this.#view.state.story || this.#view.state.collapse ? total : stories;
    const shown = this.#hits.children.length;
    const ended = hits.length < size || shown >= n;
    this.#later.hidden = ended;
    this.#left.textContent = ended ? "" : this.#view.texts.say("shown", { shown, n });
  }

  /** Show what went wrong and a button to try again. Hide the earlier results unless `keep` is true. */
  fail(failure, keep) {
    const { texts, nothing, act, retry } = this.#view;
    const focused = this.element.contains(this.element.getRootNode().activeElement);
    this.wait(false);
    this.#body.hidden = !keep;
    const again = make("button", { part: "button", key: "retry", onclick: retry }, texts.say("retry"));
    refill(this.#failure, make("p", texts.say(failure.kind ?? "failed"), " ", make("bdi", failure.message)), again, " ", act(texts.say("clear"), nothing));
    if (focused && !keep) again.focus();
  }

  #chips() {
    const { texts, state, act, nothing } = this.#view;
    const chips = ["country", "person", "source"].flatMap((name) => state[name].map((value) => [texts.label(name, value, this.#label(value)), { [name]: toggled(state[name], value) }]));
    if (state.story) chips.push([texts.say("one_story"), { story: "" }]);
    for (const [name, key] of [["from", "since"], ["to", "until"]]) if (state[name]) chips.push([texts.say(key, { day: texts.day(state[name]) }), { [name]: "" }]);
    if (!chips.length) return;
    const items = chips.map(([label, changes]) => make("li", act(make("bdi", label), changes, { part: "chip", ariaLabel: texts.say("remove", { label }) })));
    if (chips.length > 1) items.push(make("li", act(texts.say("clear"), { ...nothing, q: state.q, sort: state.sort }, { className: "plain" })));
    return make("ul.chips", { ariaLabel: texts.say("chosen") }, ...items);
  }

  #label(code) {
    return this.#countries.find(({ value }) => value === code)?.label;
  }

  #noted(found) {
    const { texts, state, act } = this.#view;
    const quoted = (text) => make("q", { dir: "auto" }, text);
    const corrected = () => act(make("strong", found.corrected), { q: found.corrected, correct: "" }, { dir: "auto" });
    const notes = found.warnings.map((warning) => [make("span", { lang: "en", dir: "ltr" }, warning)]);
    if (found.relaxed.length) notes.unshift(texts.parts("relaxed", { words: make("span", ...found.relaxed.flatMap((word, index) => [index ? ", " : "", quoted(word)])) }));
    if (found.correction === "applied")
      notes.unshift([...texts.parts("corrected", { typed: quoted(state.q), corrected: corrected() }), " ", act(texts.say("as_typed", { typed: state.q }), { correct: "false" })]);
    else if (found.corrected) notes.unshift(texts.parts("did_you_mean", { corrected: corrected() }));
    return notes.map((note) => make("p.note", ...note));
  }

  /** Return the note with the number of hits that are shown; empty if all are. */
  shown() {
    return this.#left.textContent;
  }

  /** Return the numbers of articles and stories as a text. */
  counted({ total, stories }) {
    const { texts } = this.#view;
    const articles = texts.say("articles", { n: total });
    if (!total) return texts.say("none");
    return total === stories ? articles : texts.say("articles_in_stories", { articles, stories: texts.say("stories", { n: stories }) });
  }

  #orders(found) {
    const { texts, state, act } = this.#view;
    if (!found.total) return [];
    const now = state.sort || usualSort(state);
    const orders = SORTS.filter((sort) => sort !== "relevance" || state.q.trim());
    const links = orders.map((sort) => act(texts.say(sort), { sort }, { key: sort, ...(sort === now && { ariaCurrent: true }) }));
    if (this.#filters) links.push(make("button.to-filters", { key: "filters", ariaExpanded: this.#filters.parentNode !== this.#body, onclick: (event) => this.#open(event.currentTarget) }, texts.say("filters")));
    return links;
  }

  /** Move the filters below their button, for narrow boxes, or back beside the results. */
  #open(button) {
    const opens = this.#filters.parentNode === this.#body;
    if (opens) this.#sorts.parentNode.after(this.#filters);
    else this.#body.append(this.#filters);
    button.ariaExpanded = opens;
  }

  #otherSearches({ alternatives: { without, similar_names } }) {
    const { texts, state, act, nothing, fixed } = this.#view;
    const articles = (n) => texts.say("articles", { n });
    const items = without.filter(({ part }) => !(part in fixed)).map(({ part, label, query, total }) => {
      if (part === "country") label = state.country.map((code) => texts.label(part, code)).join(", ");
      return act(texts.say("without", { label, articles: articles(total) }), { [part]: part === "q" ? query : nothing[part] });
    });
    for (const { type, value, label, count } of similar_names) {
      if (type in fixed) continue;
      items.push(act(texts.say("similar_name", { label: texts.label(type, value, label), articles: articles(count) }), { ...nothing, [type]: [value] }));
    }
    items.push(act(texts.say("browse"), nothing));
    return [make("p", texts.say("alternatives")), make("ul", ...items.map((item) => make("li", item)))];
  }

  drop() {
    for (const facet of this.#facets) facet.drop();
  }
}
