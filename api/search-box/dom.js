/** Makes DOM nodes without parsing markup: every text becomes a text node. */

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" }; // the entities that the server writes

/**
 * Make an element: make("p.note", { dir: "auto" }, "text", node). Its class is its part, too, so that the page can style
 * it. Objects are properties; falsy arguments are ignored.
 */
export function make(selector, ...given) {
  const [tag, name] = selector.split(".");
  const element = document.createElement(tag);
  if (name) element.className = element.part = name;
  for (const one of given) {
    if (one?.constructor === Object) Object.assign(element, one.className && { part: one.className }, one);
    else if (one) element.append(one);
  }
  return element;
}

/** Make an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Replace the children of an element. The focus goes to the new element with the `key` of the focused one. */
export function refill(element, ...children) {
  const focused = element.getRootNode().activeElement;
  const key = element.contains(focused) && focused.key;
  element.replaceChildren(...children.filter(Boolean));
  if (key) [...element.querySelectorAll("*")].find((one) => one.key === key)?.focus({ preventScroll: true });
}

/** Turn a highlight into nodes: its only tag is <mark>, and five characters are escaped. */
export function highlighted(html) {
  const plain = (text) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => ENTITIES[name]);
  return html.split(/<mark>(.*?)<\/mark>/su).map((text, index) => (index % 2 ? make("mark", { part: "mark" }, plain(text)) : plain(text)));
}
