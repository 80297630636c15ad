/**
 * The date histogram of the results, with a brush: drag over the bars, or move the two handles. The handles are native
 * sliders, so that keys, touch and screen readers work as usual. Time runs from left to right in all languages.
 */

import chartCss from "./chart.css" with { type: "css" };
import { make, svg } from "./dom.js";

export { chartCss };

// The values of api/site/histogram.py: nothing may jump when this chart replaces the server's.
const CHART = { width: 720, height: 64, gap: 1.5, least: 2 };
const STEP_PAUSE = 400; // milliseconds after the last step until the range counts as chosen
const MS = 864e5; // milliseconds of a day

const dayNumber = (iso) => Date.parse(iso) / MS;
const isoDay = (number) => new Date(number * MS).toISOString().slice(0, 10);

export class Chart {
  #buckets = [];
  #shown = ["", ""]; // days between the handles; "" is open
  #inForce = ["", ""];
  #drag = null; // start of the drag, in pixels
  #timer;
  #at = [0, 0]; // the buckets of the handles
  #begin; // number of the first day
  #days;
  #svg = svg("svg", { viewBox: `0 0 ${CHART.width} ${CHART.height}`, preserveAspectRatio: "none", "aria-hidden": true });
  #caption = make("figcaption");
  #handles;

  /** `choose(from, to)` is called once for each finished choice, with ISO days. Both are "" for the whole span. */
  constructor(texts, choose) {
    Object.assign(this, { texts, choose });
    this.#handles = ["first_day", "last_day"].map((key, end) => make("input.handle", { type: "range", min: 0, ariaLabel: texts.say(key), oninput: () => this.#slide(end), onchange: () => this.#finish(), onblur: () => this.#finish(), onkeydown: (event) => this.#key(event, end) }));
    this.element = make("figure.chart", { dir: "ltr" }, this.#svg, ...this.#handles, this.#caption);
    Object.assign(this.#svg, {
      onpointerdown: (event) => this.#press(event),
      onpointermove: (event) => this.#brush(event),
      onpointerup: (event) => this.#release(event),
      onpointercancel: () => this.#undo(),
    });
  }

  /** Draw the buckets of an answer and the days of its date filter; cancel a running drag. */
  update(buckets, from, to) {
    this.#drag = null;
    this.#buckets = buckets;
    this.#inForce = [from, to];
    this.element.hidden = buckets.length < 2;
    if (this.element.hidden) return;
    this.#begin = dayNumber(buckets[0].from);
    this.#days = dayNumber(buckets.at(-1).to) + 1 - this.#begin;
    const peak = Math.max(...buckets.map(({ count }) => count), 1);
    this.#svg.replaceChildren(...buckets.map((bucket) => this.#bar(bucket, peak)));
    this.#caption.replaceChildren(...[buckets[0], buckets.at(-1)].map(({ value }) => make("span", value)));
    for (const handle of this.#handles) handle.max = this.#days;
    const [first, last] = [buckets[0].from, buckets.at(-1).to].map((day) => this.texts.day(day));
    this.element.setAttribute("aria-label", this.texts.say("chart", { first, last }));
    this.#show(this.#timer ? this.#shown : [from, to]); // keep steps that are not chosen yet
  }

  #bar({ from, to, count }, peak) {
    const scale = CHART.width / this.#days;
    const slot = (dayNumber(to) + 1 - dayNumber(from)) * scale;
    const gap = Math.min(CHART.gap, slot / 4);
    const height = count && Math.max((CHART.height * count) / peak, CHART.least);
    const across = { x: (dayNumber(from) - this.#begin) * scale + gap / 2, width: slot - gap };
    const days = [...new Set([from, to])].map((day) => this.texts.day(day)).join(" – ");
    return svg("g", {}, svg("title", {}, this.texts.say("bar", { days, articles: this.texts.say("articles", { n: count }) })), svg("rect", { class: "slot", y: 0, height: CHART.height, ...across }), svg("rect", { class: "bar", y: CHART.height - height, height, ...across }));
  }

  /** Draw the handles and the bars between them. */
  #show(days) {
    this.#shown = days;
    const [from, to] = days;
    const last = this.#buckets.length - 1;
    this.#at = [from ? this.#buckets.findIndex((one) => one.to >= from) : 0, to ? this.#buckets.findLastIndex((one) => one.from <= to) : last];
    this.#handles.forEach((handle, end) => {
      handle.value = days[end] ? dayNumber(days[end]) + end - this.#begin : end * this.#days;
      handle.setAttribute("aria-valuetext", this.texts.day(days[end] || isoDay(this.#begin + handle.valueAsNumber - end)));
    });
    const [first, end] = this.#at;
    [...this.#svg.children].forEach((bar, index) => bar.lastChild.classList.toggle("off", first < 0 || index < first || index > end));
  }

  /** Move an end to a bucket, but not past the other end. At the edge of the chart the range is open. */
  #move(end, number) {
    const last = this.#buckets.length - 1;
    const index = end ? Math.min(Math.max(number, this.#at[0]), last) : Math.max(Math.min(number, this.#at[1]), 0);
    const days = [...this.#shown];
    days[end] = index === end * last ? "" : this.#buckets[index][end ? "to" : "from"];
    if (days[0] && days[1] && days[0] > days[1]) days[1 - end] = "";
    this.#show(days);
    clearTimeout(this.#timer);
  }

  /** Move an end from the day of its slider to the nearest edge of a bar. */
  #slide(end) {
    const place = this.#handles[end].valueAsNumber + this.#begin;
    const strays = this.#buckets.map(({ from, to }) => Math.abs((end ? dayNumber(to) + 1 : dayNumber(from)) - place));
    this.#move(end, strays.indexOf(Math.min(...strays)));
  }

  #key(event, end) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (event.key === "Escape") this.#undo();
    if (event.key === "Enter") this.#finish();
    if (!step || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#move(end, this.#at[end] + step);
    this.#timer = setTimeout(() => this.#finish(), STEP_PAUSE);
  }

  /** Choose the drawn range, unless it is the date filter already. */
  #finish() {
    this.#timer = clearTimeout(this.#timer);
    if (this.#drag === null && String(this.#shown) !== String(this.#inForce)) this.choose(...(this.#inForce = this.#shown));
  }

  #undo() {
    this.#timer = clearTimeout(this.#timer);
    this.#drag = null;
    this.#show(this.#inForce);
  }

  #press(event) {
    if (event.button || !event.isPrimary) return;
    this.#svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.#handles[0].focus(); // so that Escape works
    this.#drag = event.clientX;
  }

  /** Draw the range between the start of the drag and the pointer. */
  #brush({ clientX }) {
    if (this.#drag === null) return;
    const { left, width } = this.#svg.getBoundingClientRect();
    const [first, last] = [this.#drag, clientX].sort((a, b) => a - b).map((x) => isoDay(this.#begin + Math.min(Math.max(Math.floor(((x - left) / width) * this.#days), 0), this.#days - 1)));
    const inside = this.#buckets.filter(({ from, to }) => to >= first && from <= last);
    const whole = inside.length === this.#buckets.length;
    this.#show(!inside.length ? this.#inForce : whole ? ["", ""] : [inside[0].from, inside.at(-1).to]);
  }

  #release(event) {
    if (this.#drag === null) return;
    this.#brush(event);
    this.#drag = null;
    this.#finish();
  }
}
