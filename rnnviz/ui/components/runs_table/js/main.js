/** The table of runs. Rows are kept by run, so that nothing jumps when numbers change. */

import { COLUMNS, apart, matches, sorted } from "./cells.js";
import { make, setText } from "../../common/js/dom.js";

const ANY = "";

class RunsTable {
  constructor(parent) {
    this.root = make("div", { class: "surface runs-table" });
    parent.append(this.root);
    this.rows = new Map();
    this.runs = [];
    this.selected = [];
    this.column = COLUMNS.find(({ name }) => name === "created");
    this.down = true;
    this.serial = Date.now();
    this.search = make("input", {
      type: "search",
      placeholder: "Filter: name, cell, route, tag …",
      "aria-label": "Filter the runs",
      on: { input: () => this.arrange() },
    });
    this.state = this.choice("State");
    this.tag = this.choice("Tag");
    this.order = this.choice("Sort by");
    this.offer(this.order, COLUMNS.map(({ name, title }) => [name, title]));
    this.all = make("input", {
      type: "checkbox",
      "aria-label": "Compare all runs that are shown",
      on: { change: () => this.selectAll() },
    });
    this.body = make("tbody");
    this.told = make("p", { class: "told", role: "status" });
    this.root.append(
      make(
        "div",
        { class: "filters" },
        this.search,
        this.label("State", this.state),
        this.label("Tag", this.tag),
        make("span", { class: "narrow" }, this.label("Sort by", this.order)),
      ),
      make("div", { class: "frame", tabindex: 0, role: "region", "aria-label": "Runs" }, this.table()),
      this.told,
    );
  }

  label(text, field) {
    return make("label", {}, make("span", { text }), field);
  }

  choice(label) {
    return make("select", { "aria-label": label, on: { change: () => this.chosen(label) } });
  }

  chosen(label) {
    if (label === "Sort by") this.sortBy(COLUMNS.find(({ name }) => name === this.order.value));
    else this.arrange();
  }

  table() {
    this.heads = COLUMNS.map((column) => {
      const button = make("button", {
        type: "button",
        text: column.title,
        on: { click: () => this.sortBy(column) },
      });
      return make("th", { scope: "col", class: column.number ? "number" : null }, button);
    });
    const word = make("label", {}, this.all, make("span", { text: "Compare" }));
    const tick = make("th", { scope: "col", class: "tick" }, word);
    return make("table", {}, make("thead", {}, make("tr", {}, tick, ...this.heads)), this.body);
  }

  update({ data, setStateValue }) {
    this.send = setStateValue;
    if (!data) return;
    this.runs = data.rows;
    this.opened = data.opened;
    if (this.wanted && this.wanted === data.opened) this.goThere();
    this.wanted = "";
    // While a message is under way the browser knows better what is ticked.
    if (data.serial >= (this.sent ?? -1)) this.selected = data.selected;
    this.palette = data.colours;
    const states = [...new Set(this.runs.map(({ headline }) => headline))].sort();
    const tags = [...new Set(this.runs.flatMap((run) => run.tags))].sort();
    this.offer(this.state, [[ANY, "any"], ...states.map((one) => [one, one])]);
    this.offer(this.tag, [[ANY, "any"], ...tags.map((one) => [one, one])]);
    this.tag.parentElement.hidden = !tags.length;
    this.arrange();
  }

  /** Offer these pairs of value and text in a menu; what is chosen stays where it can. */
  offer(menu, pairs) {
    const key = JSON.stringify(pairs);
    if (menu.dataset.pairs === key) return;
    const chosen = menu.value;
    menu.dataset.pairs = key;
    menu.replaceChildren(...pairs.map(([value, text]) => make("option", { value, text })));
    if (pairs.some(([value]) => value === chosen)) menu.value = chosen;
  }

  shown() {
    const [state, tag] = [this.state.value, this.tag.value];
    const found = this.runs.filter(
      (run) =>
        matches(run, this.search.value.trim()) &&
        (!state || run.headline === state) &&
        (!tag || run.tags.includes(tag)),
    );
    return sorted(found, this.column, this.down);
  }

  sortBy(column) {
    // Numbers are first asked for from the largest, words from A.
    this.down = column === this.column ? !this.down : Boolean(column.number);
    this.column = column;
    this.arrange();
  }

  /** Put the rows that match in order. */
  arrange() {
    const shown = this.shown();
    const ids = new Set(this.runs.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    const elements = shown.map((run) => this.row(run));
    const standing = [...this.body.children];
    if (elements.length !== standing.length || elements.some((one, i) => one !== standing[i])) {
      this.keepFocus(() => this.body.replaceChildren(...elements));
    }
    this.heads.forEach((head, i) => {
      const here = COLUMNS[i] === this.column;
      const order = this.down ? "descending" : "ascending";
      head.setAttribute("aria-sort", here ? order : "none");
    });
    this.order.value = this.column.name;
    const ticked = shown.filter(({ id }) => this.selected.includes(id)).length;
    this.all.checked = ticked > 0 && ticked === shown.length;
    this.all.indeterminate = ticked > 0 && ticked < shown.length;
    const hidden = this.runs.length - shown.length;
    const told = hidden ? [`${shown.length} of ${this.runs.length} runs match.`] : [];
    if (apart(shown, this.column)) {
      told.push("Sorted within each data set: shares of different pictures can't be compared.");
    }
    setText(this.told, told.join(" "));
  }

  /** Change the table; whoever moves through it by keyboard stays where they are. */
  keepFocus(change) {
    const before = this.root.getRootNode().activeElement;
    change();
    if (before && this.body.contains(before)) before.focus();
  }

  row(run) {
    const row = this.rows.get(run.id) ?? this.newRow(run.id);
    this.rows.set(run.id, row);
    const at = this.selected.indexOf(run.id);
    row.tick.checked = at >= 0;
    row.tick.setAttribute("aria-label", `Compare ${run.name}`);
    row.swatch.style.background = this.palette[run.id] ?? "transparent";
    row.element.classList.toggle("open", run.id === this.opened);
    row.name.setAttribute("aria-expanded", String(run.id === this.opened));
    setText(row.name, run.name);
    setText(row.whose, run.whose);
    const told = JSON.stringify(run);
    if (row.told !== told) {
      row.told = told;
      COLUMNS.forEach((column, i) => {
        if (column.cell) row.cells[i].replaceChildren(column.cell(run));
        else if (column.text) setText(row.cells[i], column.text(run));
      });
    }
    return row.element;
  }

  newRow(id) {
    const tick = make("input", { type: "checkbox", on: { change: () => this.select(id) } });
    const swatch = make("span", { class: "swatch" });
    const name = make("button", { type: "button", class: "name", on: { click: () => this.open(id) } });
    const whose = make("span", { class: "whose" });
    const cells = COLUMNS.map(({ title, number }) =>
      make("td", { "data-title": title, class: number ? "number" : null }),
    );
    cells[0].className = "first";
    cells[0].append(name, whose);
    const word = make("span", { class: "compare", text: "Compare" });
    const first = make("td", { class: "tick" }, make("label", {}, tick, swatch, word));
    return { element: make("tr", {}, first, ...cells), tick, swatch, name, whose, cells };
  }

  select(id) {
    const others = this.selected.filter((one) => one !== id);
    this.tell(others.length < this.selected.length ? others : [...others, id]);
  }

  selectAll() {
    const ids = this.shown().map(({ id }) => id);
    const others = this.selected.filter((id) => !ids.includes(id));
    const add = ids.filter((id) => !this.selected.includes(id));
    this.tell(this.all.checked ? [...this.selected, ...add] : others);
  }

  tell(ids) {
    this.selected = ids;
    this.sent = ++this.serial;
    this.arrange();
    this.send("selected", { ids, serial: this.sent });
  }

  open(id) {
    this.opened = id === this.opened ? "" : id;
    this.arrange();
    this.wanted = this.opened;
    this.send("opened", { id: this.opened, serial: ++this.serial });
  }

  /** Go to what was opened as soon as it is there, if it isn't in sight: on a phone it never is. */
  goThere(tries = 100) {
    const place = this.root.ownerDocument.querySelector(".st-key-runs-one");
    if (!place && tries) setTimeout(() => this.goThere(tries - 1), 50);
    if (!place) return;
    const { top } = place.getBoundingClientRect();
    if (top >= 0 && top <= 0.6 * window.innerHeight) return;
    place.scrollIntoView({ block: "start" });
    // What stands above may still be drawn, and push it out of sight.
    if (tries) setTimeout(() => this.goThere(Math.min(tries - 1, 3)), 400);
  }
}

const tables = new WeakMap();

/** Called by Streamlit after every run: once to build the table, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!tables.has(parentElement)) tables.set(parentElement, new RunsTable(parentElement));
  tables.get(parentElement).update(component);
  return () => {
    if (parentElement.isConnected) return;
    tables.get(parentElement)?.root.remove();
    tables.delete(parentElement);
  };
}
