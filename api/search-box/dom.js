/** DOM nodes without markup: every text becomes a text node. */

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" }; // those that the server writes

/** Make an element with properties; its classes are its parts, for the styles of the page. */
export function make(tag, properties = {}, ...children) {
  const { className } = properties;
  const element = Object.assign(document.createElement(tag), className && { part: className }, properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Make an element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Replace what is in an element, and give the focus back to what has the `key` of what had it. */
export function refill(element, ...children) {
  const focused = element.getRootNode().activeElement;
  const key = element.contains(focused) && focused.key;
  element.replaceChildren(...children.filter((child) => child !== null));
  if (key) [...element.querySelectorAll("*")].find((one) => one.key === key)?.focus({ preventScroll: true });
}

/** Turn a highlight into nodes: <mark> is the one tag in it, and five characters are escaped. */
export function highlighted(html) {
  const plain = (text) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => ENTITIES[name]);
  const marked = (text) => make("mark", { part: "mark" }, plain(text));
  return html.split(/<mark>(.*?)<\/mark>/su).map((text, index) => (index % 2 ? marked(text) : plain(text)));
}
