/** The columns of the table: what each shows of a run, and by what it is sorted. */

import { make } from "../../common/js/dom.js";

const percent = (share) => (share == null ? "" : `${(100 * share).toFixed(2)} %`);
const count = (number) => (number ? number.toLocaleString("en") : "");

/** Return a time in the shortest words: "48 s", "12 min", "1.5 h". */
function duration(seconds) {
  if (!seconds) return "";
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function date(seconds) {
  const when = new Date(1000 * seconds);
  const day = when.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const year = when.getFullYear() === new Date().getFullYear() ? "" : ` ${when.getFullYear()}`;
  const time = when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return `${day}${year}, ${time}`;
}

/** Return a share of test pictures and whose pictures they are, so that nobody takes it for others. */
function test(run) {
  if (run.test == null) return make("span", {});
  const share = make("span", { text: percent(run.test) });
  return make("span", { class: "test" }, share, make("span", { class: "set", text: run.tested }));
}

/** Return how a run stands: a word, and how far it is while it isn't over. */
function state(run) {
  const word = make("span", { class: `state ${run.state}`, text: run.headline });
  if (run.progress == null) return word;
  const bar = make("progress", { max: 1, value: run.progress, "aria-label": "Trained" });
  return make("span", { class: "standing" }, word, bar);
}

function tags(run) {
  return make("span", { class: "tags" }, ...run.tags.map((tag) => make("span", { text: tag })));
}

/**
 * `of` gives what is sorted by; `text` what is shown, or `cell` an element. Where `within` is, runs
 * are sorted only among those of the same: shares of different pictures have no order.
 */
export const COLUMNS = [
  { name: "name", title: "Run", of: (run) => run.name.toLowerCase() },
  { name: "state", title: "State", of: (run) => run.headline, cell: state },
  { name: "data", title: "Data", of: (run) => run.data, text: (run) => run.data },
  { name: "cell", title: "Cell", of: (run) => run.cell, text: (run) => run.cell },
  { name: "route", title: "Route", of: (run) => run.route, text: (run) => run.route },
  { name: "units", title: "Units", of: (run) => run.units, text: (run) => count(run.units), number: true },
  {
    name: "parameters",
    title: "Weights",
    of: (run) => run.parameters,
    text: (run) => count(run.parameters),
    number: true,
  },
  { name: "steps", title: "Steps", of: (run) => run.step, text: (run) => count(run.step), number: true },
  {
    name: "validation",
    title: "Best validation",
    of: (run) => run.validation,
    within: (run) => run.data,
    text: (run) => percent(run.validation),
    number: true,
  },
  {
    name: "test",
    title: "Test",
    of: (run) => run.test,
    within: (run) => run.tested,
    cell: test,
    number: true,
  },
  {
    name: "seconds",
    title: "Time",
    of: (run) => run.seconds,
    text: (run) => duration(run.seconds),
    number: true,
  },
  { name: "created", title: "Date", of: (run) => run.created, text: (run) => date(run.created), number: true },
  { name: "tags", title: "Tags", of: (run) => run.tags.join(" ").toLowerCase(), cell: tags },
];

/** Return the runs in the order of a column; what has no value there stands last. */
export function sorted(runs, column, down) {
  const sign = down ? -1 : 1;
  const empty = (value) => value == null || value === "";
  return [...runs].sort((one, other) => {
    const [a, b] = [column.of(one), column.of(other)];
    if (empty(a) || empty(b)) return empty(a) - empty(b);
    const [set, otherSet] = column.within ? [column.within(one), column.within(other)] : ["", ""];
    if (set !== otherSet) return set < otherSet ? -1 : 1;
    return sign * (a < b ? -1 : a > b ? 1 : 0) || other.created - one.created;
  });
}

/** Return whether runs were sorted by shares of different pictures, so within each data set only. */
export function apart(runs, column) {
  if (!column.within) return false;
  return new Set(runs.filter((run) => column.of(run) != null).map(column.within)).size > 1;
}

/** Return whether a run holds all the words that somebody looks for, in any letters' size. */
export function matches(run, words) {
  const text = [run.name, run.headline, run.data, run.tested, run.cell, run.route, run.whose, ...run.tags]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
