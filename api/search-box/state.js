/** What is searched, as a plain object; its query string is that of the search page. */

const NOTHING = { q: "", country: [], person: [], source: [], story: "", from: "", to: "", sort: "", collapse: "", correct: "", recency: "", interval: "", page: 1 };
const DATE = /^[12]\d{3}(-[01]\d(-[0-3]\d)?)?$/;
const VALID = {
  from: DATE,
  to: DATE,
  sort: /^(relevance|newest|oldest)$/,
  page: /^[1-9]\d{0,3}$/,
};

/** Return the order that is shown unasked: without words nothing is more relevant, so newest first. */
export const usualSort = ({ q }) => (q.trim() ? "relevance" : "newest");

/** Read a state out of parameters whose names begin with `prefix`; what means something else there is left out. */
export function readState(params, prefix) {
  const state = {};
  for (const [name, usual] of Object.entries(NOTHING)) {
    const values = params.getAll(prefix + name).filter((value) => value && (VALID[name]?.test(value) ?? true));
    state[name] = Array.isArray(usual) ? [...new Set(values)] : (values[0] ?? usual);
  }
  return { ...state, page: Number(state.page) };
}

/** Return a state with changes, from its first page on; the usual sort is not named. */
export function changed(state, changes) {
  const made = { ...state, page: 1, ...changes };
  return { ...made, sort: made.sort === usualSort(made) ? "" : made.sort };
}

/** Return a state as pairs, without what is as usual. */
export function pairsOf(state) {
  const all = Object.entries(state).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  return all.filter(([name, value]) => value && name + value !== "page1");
}

/** Return the query string of an address with the state in the place of the one that is there. */
export function writtenInto(search, state, prefix) {
  const params = new URLSearchParams(search);
  for (const name of Object.keys(NOTHING)) params.delete(prefix + name);
  for (const [name, value] of pairsOf(state)) params.append(prefix + name, value);
  return params.size ? `?${params}` : "";
}

/** Return values with one more, or one less. */
export const toggled = (values, value) => (values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
