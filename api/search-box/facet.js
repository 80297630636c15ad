/** A facet: its values with counts and check boxes, and a field to search among all values. */

import { make, refill } from "./dom.js";
import { Latest } from "./client.js";
import { toggled } from "./state.js";

const SHOWN = 10;
const MORE = 100;
const ALL = 300; // there are fewer countries than that
const PAUSE = 150; // milliseconds between a key and the request

/** Return the words of a text, each after a space, without accents and in lower case. */
const folded = (text) => ` ${text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join(" ") ?? ""}`;

export class Facet {
  #latest = new Latest();
  #timer;
  #counted = []; // the values of the last search
  #size = SHOWN;
  #view;
  #field;
  #more;
  #list;
  #note = make("p.faint");

  /** `view` is the view of Results. */
  constructor(name, view) {
    this.name = name;
    this.#view = view;
    const { texts } = view;
    const label = texts.say(`find_${name}`);
    this.#field = make("input.find", { type: "search", placeholder: label, ariaLabel: label, autocomplete: "off", oninput: () => this.#later() });
    this.#list = make("ul.facet", { ariaLabel: texts.say(name) });
    const onclick = () => {
      this.#size = MORE;
      this.#ask();
      this.#field.focus();
    };
    this.#more = make("button.more", { onclick }, texts.say("show_more"));
    this.element = make("section", make("h3", texts.say(name)), this.#field, this.#list, this.#note, this.#more);
  }

  /** Show the values of a search. */
  update(values) {
    this.#counted = values;
    this.element.hidden = !values.length && !this.#wide();
    this.#refresh();
  }

  /** Return true if the answer of the search does not have enough values: the reader types a name, or wants more. */
  #wide() {
    return this.#field.value.trim() || this.#size > SHOWN;
  }

  #later() {
    this.drop();
    this.#timer = setTimeout(() => this.#refresh(), PAUSE);
  }

  #refresh() {
    if (this.#wide()) this.#ask();
    else this.#show(this.#counted, 0);
  }

  /** Request the values. All countries are fetched and searched here, as their names are in the reader's language. */
  async #ask() {
    const prefix = this.#field.value.trim();
    const size = prefix ? SHOWN : this.#size;
    const here = this.name === "country";
    const asked = Object.entries(here ? { facet_size: ALL } : { facet_size: size, prefix });
    const address = this.#view.address(`v1/facets/${this.name}`, [...this.#view.filters(), ...asked]);
    const answer = await this.#latest.get(address).catch(() => null);
    if (!answer) return;
    const found = answer.values.filter((one) => !here || folded(`${this.#label(one)} ${one.label}`).includes(folded(prefix)));
    this.#show(found.slice(0, size), found.length - size + answer.other);
  }

  #label({ value, label }) {
    return this.#view.texts.label(this.name, value, label);
  }

  #show(values, others) {
    const { texts } = this.#view;
    refill(this.#list, ...values.map((one) => this.#item(one)));
    const few = !this.#wide() && values.length < SHOWN;
    this.#field.hidden = few;
    this.#more.hidden = few || this.#wide();
    this.#note.textContent = values.length ? (others > 0 ? texts.say("values_left", { n: others }) : "") : texts.say("no_value");
  }

  #item(one) {
    const { name } = this;
    const view = this.#view;
    const onchange = () => {
      this.drop();
      this.#field.value = "";
      view.go({ [name]: toggled(view.state[name], one.value) });
    };
    const box = make("input", { type: "checkbox", checked: one.selected, key: name + one.value, onchange });
    const label = make("span.label", { dir: "auto" }, this.#label(one));
    const count = make("span.number", view.texts.number(one.count));
    return make("li", make("label", { className: one.selected ? "on" : "" }, box, label, " ", count));
  }

  drop() {
    clearTimeout(this.#timer);
    this.#latest.drop();
  }
}
