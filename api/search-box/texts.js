/** The texts of the box in one language, with its formats of numbers and days and its names of countries. */

import english from "../texts/en.json" with { type: "json" };

export class Texts {
  #texts;
  #numbers;
  #plurals;
  #days;
  #countries;

  /** `own` maps keys to texts of the page, which replace ours. */
  constructor(language, texts, own = {}) {
    this.language = language;
    this.dir = language === "ar" ? "rtl" : "ltr";
    this.#texts = { ...english.box, ...texts, ...own };
    const locale = `${language === "en" ? "en-GB" : language}-u-nu-latn`; // the formats of the server
    this.#numbers = new Intl.NumberFormat(locale);
    this.#plurals = new Intl.PluralRules(locale);
    this.#days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
    this.#countries = new Intl.DisplayNames(locale, { type: "region" });
  }

  /** Return the texts of a language, in English if the server does not have it. */
  static async load(language, address, own) {
    const [code] = language.toLowerCase().match(/^(de|fr|es|ar)/) ?? [];
    const found = code && (await fetch(address(code)).then((response) => response.json()).catch(() => null));
    return new Texts(found?.box ? code : "en", found?.box, own);
  }

  /** Return a text as strings and the nodes that replace its {names}; `n` selects the plural form. */
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

  /** Return an ISO day or date-time as a day in words: the printed day, whatever the reader's time zone. */
  day(iso) {
    return iso.length < 10 ? iso : this.#days.format(new Date(iso.slice(0, 10)));
  }

  /** Return the label of a facet value: for a country, its name in the language if that is known. */
  label(facet, value, label = value) {
    if (facet !== "country" || value.length !== 2 || (this.language === "en" && label !== value)) return label;
    const name = this.#countries.of(value);
    return name === value ? label : name;
  }
}
