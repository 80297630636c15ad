/** The texts of the box in one language, and its numbers, days and names of countries. */

import english from "../texts/en.json" with { type: "json" };

export class Texts {
  #texts;
  #numbers;
  #plurals;
  #days;
  #countries;

  /** `own` are texts that the page gives instead of ours, by key. */
  constructor(language, texts, own = {}) {
    this.language = language;
    this.dir = language === "ar" ? "rtl" : "ltr";
    this.#texts = { ...english.box, ...texts, ...own };
    const locale = `${language === "en" ? "en-GB" : language}-u-nu-latn`; // days and digits as the server writes them
    this.#numbers = new Intl.NumberFormat(locale);
    this.#plurals = new Intl.PluralRules(locale);
    this.#days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
    this.#countries = new Intl.DisplayNames(locale, { type: "region" });
  }

  /** Return the texts of a language that the server has, else English. */
  static async load(language, address, own) {
    const [code] = language.toLowerCase().match(/^(de|fr|es|ar)/) ?? [];
    const found = code && (await fetch(address(code)).then((response) => response.json()).catch(() => null));
    return new Texts(found?.box ? code : "en", found?.box, own);
  }

  /** Return a text as strings and the nodes that were given for its {names}; `n` picks the plural form. */
  parts(key, values = {}) {
    const text = this.#texts[key] ?? key;
    const form = text[this.#plurals.select(values.n)] ?? text.other ?? text;
    return String(form).split(/\{(\w+)\}/).map((part, index) => {
      const value = index % 2 ? values[part] : part;
      return typeof value === "number" ? this.number(value) : value;
    });
  }

  /** Return a text as one string. */
  say(key, values) {
    return this.parts(key, values).join("");
  }

  number(value) {
    return this.#numbers.format(value);
  }

  /** Return an ISO day or date-time as a day in words: that which was printed, whatever the reader's zone. */
  day(iso) {
    return iso.length < 10 ? iso : this.#days.format(new Date(iso.slice(0, 10)));
  }

  /** Return the label of a value of a facet: a country's name in the language, unless that is English or unknown. */
  label(facet, value, label = value) {
    if (facet !== "country" || value.length !== 2 || (this.language === "en" && label !== value)) return label;
    const name = this.#countries.of(value);
    return name === value ? label : name;
  }
}
