/** The state of a search as a plain object. Its query string is the same as on the search page. */

const NOTHING = { q: "", country: [], person: [], source: [], story: "", from: "", to: "", sort: "", collapse: "", correct: "", recency: "", interval: "", page: 1 };
const DATE = /^[12]\d{3}(-[01]\d(-[0-3]\d)?)?$/;
const VALID = {
  from: DATE,
  to: DATE,
  sort: /^(relevance|newest|oldest)$/,
  page: /^[1-9]\d{0,3}$/,
};

/** Return the default order: without words nothing is more relevant, so newest first. */
export const usualSort = ({ q }) => (q.trim() ? "relevance" : "newest");

/** Read a state from the parameters whose names begin with `prefix`. Invalid values are ignored. */
export function readState(params, prefix) {
  const state = {};
  for (const [name, usual] of Object.entries(NOTHING)) {
    const values = params.getAll(prefix + name).filter((value) => value && (VALID[name]?.test(value) ?? true));
    state[name] = Array.isArray(usual) ? [...new Set(values)] : (values[0] ?? usual);
  }
  return { ...state, page: Number(state.page) };
}

/** Return a state with changes, on its first page. The default order is left empty. */
export function changed(state, changes) {
  const made = { ...state, page: 1, ...changes };
  return { ...made, sort: made.sort === usualSort(made) ? "" : made.sort };
}

/** Return a state as pairs, without defaults. */
export function pairsOf(state) {
  const all = Object.entries(state).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  return all.filter(([name, value]) => value && name + value !== "page1");
}

/** Return a query string in which the state replaces the earlier one. */
export function writtenInto(search, state, prefix) {
  const params = new URLSearchParams(search);
  for (const name of Object.keys(NOTHING)) params.delete(prefix + name);
  for (const [name, value] of pairsOf(state)) params.append(prefix + name, value);
  return params.size ? `?${params}` : "";
}

/** Return the values with `value` added, or removed if it is among them. */
export const toggled = (values, value) => (values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
