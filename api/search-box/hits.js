/** One hit of the list, with the markup of the search page. */

import { highlighted, make } from "./dom.js";

const TAGS = 3; // countries, and persons, that a hit shows

/** Return a hit as a list item; `view` is the view of Results. */
export function hitItem(hit, view) {
  const { texts, nothing, state: { q }, act } = view;
  const { title, body } = hit.highlights;
  const original = view.original && /^https?:\/\//i.test(hit.url) && hit.url; // the url of an article may be any text
  const href = original || view.address(`articles/${encodeURIComponent(hit.id)}`, q && [["q", q]]);
  const meta = [
    hit.published && make("time", { dateTime: hit.published }, texts.day(hit.published)),
    hit.source && make("span", make("bdi", hit.source)),
    hit.copies && act(texts.say("copies", { n: hit.copies }), { ...nothing, story: hit.id }, { className: "copies" }),
  ].filter(Boolean);
  const article = make(
    "article.hit",
    make("h3.headline", make("a", { href, dir: "auto", ...view.target }, ...highlighted(title))),
    meta.length && make("p.meta", ...meta),
    body.length && make("p.snippet", { dir: "auto" }, ...body.flatMap((html, index) => [index && make("span.gap", " … "), ...highlighted(html)])),
    tags(hit, view),
  );
  return make("li", article);
}

function tags({ countries, persons }, { texts, state, fixed, act }) {
  const kinds = [countries.map(({ code, name }) => ["country", code, name]), persons.map((name) => ["person", name])];
  const inForce = ([name, value]) => state[name].includes(value);
  const shown = kinds.flatMap((kind) => kind.sort((a, b) => inForce(b) - inForce(a)).slice(0, TAGS));
  const items = shown.map(([name, value, label]) => {
    const alone = String(state[name]) === value;
    const given = [{ className: name, dir: "auto", ...(alone && { ariaCurrent: true }) }, texts.label(name, value, label)];
    return make("li", alone || name in fixed ? make("span", ...given) : act(given[1], { [name]: [value] }, given[0]));
  });
  const others = countries.length + persons.length - shown.length;
  if (others) items.push(make("li.others", `+${texts.number(others)}`));
  return items.length && make("ul.about", { ariaLabel: texts.say("countries_and_people") }, ...items);
}
