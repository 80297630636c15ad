/** One hit of the list, as the search page draws it. */

import { highlighted, make } from "./dom.js";

const TAGS = 3; // countries, and persons, that a hit shows

/** Return a web address as it is, else null: an article's url may hold anything. */
const webAddress = (url) => (/^https?:\/\//i.test(url ?? "") ? url : null);

/** Return a hit as a list item; `view` is that of Results. */
export function hitItem(hit, view) {
  const { texts, state: { q } } = view;
  const href = (view.original && webAddress(hit.url)) || view.address(`articles/${encodeURIComponent(hit.id)}`, q && [["q", q]]);
  const title = make("a", { href, dir: "auto", ...view.target }, ...highlighted(hit.highlights.title));
  const day = hit.published && make("time", { dateTime: hit.published }, texts.day(hit.published));
  const source = hit.source && make("span", {}, make("bdi", {}, hit.source));
  const copies = hit.copies ? view.act(texts.say("copies", { n: hit.copies }), { ...view.nothing, story: hit.id }, { className: "copies" }) : null;
  const meta = [day, source, copies].filter(Boolean);
  const article = make(
    "article",
    { className: "hit" },
    make("h3", { className: "headline" }, title),
    meta.length ? make("p", { className: "meta" }, ...meta) : null,
    hit.highlights.body.length ? make("p", { className: "snippet", dir: "auto" }, ...fragments(hit.highlights.body)) : null,
    tags(hit, view),
  );
  return make("li", {}, article);
}

function fragments(bodies) {
  const gap = () => make("span", { className: "gap" }, "…");
  return bodies.flatMap((html, index) => (index ? [" ", gap(), " ", ...highlighted(html)] : highlighted(html)));
}

function tags(hit, view) {
  const countries = hit.countries.map(({ code, name }) => ["country", code, view.texts.label("country", code, name)]);
  const persons = hit.persons.map((name) => ["person", name, name]);
  const shown = [...countries.slice(0, TAGS), ...persons.slice(0, TAGS)];
  const others = countries.length + persons.length - shown.length;
  const tag = (name, value, label, properties) => (name in view.fixed ? make("span", properties, label) : view.act(label, { [name]: [value] }, properties));
  const items = shown.map((one) => make("li", {}, tag(...one, { className: one[0], dir: "auto" })));
  if (others) items.push(make("li", { className: "others" }, `+${view.texts.number(others)}`));
  return items.length ? make("ul", { className: "about", ariaLabel: view.texts.say("countries_and_people") }, ...items) : null;
}
