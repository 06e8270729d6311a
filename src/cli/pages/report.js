"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const STEP = 60; // pictures and failures that are shown at a time
const BINS = 10;
const $ = (id) => document.getElementById(id);
const words = (name) => name.replaceAll("_", " ");
const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** An element with text (never markup) and children. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Confidences: a measure is one number for each avatar.

const items = data.items.map((item, index) => {
  const sure = new Map();
  for (const [group, name, , confidence] of item.choices ?? []) {
    if (confidence !== null) sure.set(`${group}/${name}`, confidence);
  }
  const numbers = [...sure.values()];
  if (numbers.length > 0) {
    sure.set("mean", numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
    sure.set("least", Math.min(...numbers));
  }
  return { ...item, index, sure, name: item.file.replace(/(\.avatar|\.error)?\.json$/, "") };
});

const bin_of = (number) => Math.min(BINS - 1, Math.floor(number * BINS));

function fill_measures() {
  const groups = new Map([["discrete", "Variants"], ["continuous", "Sliders"], ["colors", "Colours"]]);
  const names = new Map([...groups.keys()].map((group) => [group, new Set()]));
  for (const item of items) {
    for (const [group, name, , confidence] of item.choices ?? []) if (confidence !== null) names.get(group).add(name);
  }
  $("measure").append(new Option("all choices of an avatar: mean", "mean"), new Option("all choices of an avatar: least", "least"));
  for (const [group, label] of groups) {
    const options = [...names.get(group)].sort().map((name) => new Option(words(name), `${group}/${name}`));
    if (options.length > 0) $("measure").append(make("optgroup", { label }, ...options));
  }
}

// Filters: within a facet any chosen value will do, and all facets have to agree.

const facets = [
  { name: "status", of: (item) => item.status, order: ["ok"] },
  { name: "engine", of: (item) => item.engine, order: [] },
  ...data.attributes.map(([name, order]) => ({ name, order, of: (item) => item.attributes?.[name] })),
].map((facet) => {
  const found = new Set(items.map(facet.of).filter((value) => value !== undefined));
  const known = facet.order.filter((value) => found.delete(value));
  return { ...facet, values: [...known, ...[...found].sort()], chosen: new Set(), labels: new Map() };
}).filter((facet) => facet.values.length > 1);
const bins = { chosen: new Set(), of: (item) => (item.sure.has($("measure").value) ? bin_of(item.sure.get($("measure").value)) : undefined) };
const filters = [...facets, bins];

function fill_facets() {
  for (const facet of facets) {
    const values = make("div", { className: "values" });
    for (const value of facet.values) {
      const box = make("input", { type: "checkbox", name: facet.name, value });
      const count = make("b");
      const label = make("label", { className: "value" }, box, make("span", {}, words(value), count));
      box.addEventListener("change", () => {
        if (box.checked) facet.chosen.add(value);
        else facet.chosen.delete(value);
        show();
      });
      facet.labels.set(value, { label, box, count });
      values.append(label);
    }
    $("facets").append(make("fieldset", {}, make("legend", {}, words(facet.name)), values));
  }
}

const agrees = (filter, item) => filter.chosen.size === 0 || filter.chosen.has(filter.of(item));

/** Items that pass the search and all filters but one: what the counts of that one are taken from. */
function passing(except) {
  const wanted = $("search").value.trim().toLowerCase();
  return items.filter((item) => (wanted === "" || `${item.name} ${item.input ?? ""}`.toLowerCase().includes(wanted)) &&
                                filters.every((filter) => filter === except || agrees(filter, item)));
}

function count_facets() {
  for (const facet of facets) {
    const counts = new Map();
    for (const item of passing(facet)) counts.set(facet.of(item), (counts.get(facet.of(item)) ?? 0) + 1);
    for (const [value, { label, count }] of facet.labels) {
      count.textContent = counts.get(value) ?? 0;
      label.classList.toggle("none", !counts.has(value));
    }
  }
}

function draw_bars() {
  const counts = new Array(BINS).fill(0);
  for (const item of passing(bins)) if (bins.of(item) !== undefined) counts[bins.of(item)] += 1;
  const highest = Math.max(1, ...counts);
  counts.forEach((count, bin) => {
    const button = $("bars").children[bin];
    const range = `${(bin / BINS).toFixed(1)} to ${((bin + 1) / BINS).toFixed(1)}`;
    button.ariaLabel = `${range}: ${counted(count, "avatar", "avatars")}`;
    button.title = button.ariaLabel;
    button.ariaPressed = String(bins.chosen.has(bin));
    const [number, column] = button.children;
    number.textContent = count > 0 ? count : "";
    column.style.height = `${Math.round((count / highest) * 84)}px`;
    column.classList.toggle("empty", count === 0);
  });
}

function fill_bars() {
  for (let bin = 0; bin < BINS; bin += 1) {
    const button = make("button", { type: "button" }, make("span"), make("span", { className: "column" }));
    button.addEventListener("click", () => {
      if (!bins.chosen.delete(bin)) bins.chosen.add(bin);
      show();
    });
    $("bars").append(button);
  }
}

// What is shown.

let avatars = [];
let failures = [];

function picture(source, alt) {
  if (source === undefined) return make("span", { className: "no-picture" }, "no picture");
  return make("img", { src: source, alt, loading: "lazy", decoding: "async" });
}

const pair = (item) => make("div", { className: "pair" }, ...(item.photo ? [picture(item.photo, "Photo")] : []), picture(item.avatar, "Avatar"));

function card(item) {
  const sure = item.sure.get($("measure").value);
  const button = make("button", { type: "button", className: "card", title: item.name }, pair(item),
    make("span", { className: "text" }, make("span", {}, item.name), make("span", { className: "soft" }, sure === undefined ? "" : sure.toFixed(2))));
  button.addEventListener("click", () => open_detail(item));
  return make("li", {}, button);
}

const failure = (item) => make("li", {}, make("span", { className: "status" }, words(item.status)),
  make("b", {}, item.status === "unreadable" ? item.file : item.name), make("div", { className: "soft" }, item.message ?? ""));

/** Adds the next STEP entries of a list and offers the rest on its button. */
function extend(list, all, entry, more) {
  const shown = list.children.length;
  list.append(...all.slice(shown, shown + STEP).map(entry));
  const rest = all.length - list.children.length;
  more.hidden = rest <= 0;
  more.textContent = `Show ${Math.min(rest, STEP)} more of ${rest}`;
  return list.children[shown];
}

function show() {
  const measure = $("measure").value;
  const order = $("order").value;
  const visible = passing(null);
  avatars = visible.filter((item) => item.status === "ok");
  failures = visible.filter((item) => item.status !== "ok");
  if (order !== "file") {
    const sign = order === "least" ? 1 : -1;
    const key = (item) => (item.sure.has(measure) ? sign * item.sure.get(measure) : 2);
    avatars.sort((a, b) => key(a) - key(b) || a.index - b.index);
  }
  $("gallery").replaceChildren();
  $("failure-list").replaceChildren();
  extend($("gallery"), avatars, card, $("more"));
  extend($("failure-list"), failures, failure, $("more-failures"));
  $("gallery-title").textContent = counted(avatars.length, "avatar", "avatars");
  $("failures-title").textContent = counted(failures.length, "failure", "failures");
  $("failures").hidden = failures.length === 0;
  const chosen = filters.reduce((sum, filter) => sum + filter.chosen.size, 0) + ($("search").value.trim() === "" ? 0 : 1);
  $("filter-count").textContent = chosen > 0 ? `(${chosen})` : "";
  $("clear").disabled = chosen === 0;
  count_facets();
  draw_bars();
}

// One avatar in full.

let opened = null;

function table(title, rows) {
  return make("table", {}, make("caption", {}, title), make("tbody", {}, ...rows.map((cells) =>
    make("tr", {}, make("th", { scope: "row" }, cells[0]), ...cells.slice(1).map((cell) => make("td", {}, ...[cell].flat()))))));
}

function value_cell(group, value) {
  if (group !== "colors") return words(value);
  const swatch = make("span", { className: "swatch" });
  swatch.style.backgroundColor = value;
  return [swatch, value];
}

function confidence_cell(confidence) {
  if (confidence === null) return "";
  return [`${confidence.toFixed(2)} `, make("meter", { value: confidence, ariaHidden: "true" })];
}

function open_detail(item) {
  opened = item;
  const at = avatars.indexOf(item);
  $("detail-title").textContent = item.name;
  $("detail-pictures").replaceChildren(pair(item));
  $("detail-notes").replaceChildren(...(item.notes ?? []).map((note) => make("li", {}, note)));
  const facts = [["photo", item.input], ["engine", item.engine], ["result", item.file],
    ...Object.entries(item.attributes ?? {}).map(([name, value]) => [words(name), words(value)])];
  $("detail-tables").replaceChildren(
    table("Attributes", facts),
    table("Choices and confidence", (item.choices ?? []).map(([group, name, value, confidence]) =>
      [words(name), value_cell(group, value), confidence_cell(confidence)])));
  $("previous").disabled = at <= 0;
  $("next").disabled = at < 0 || at + 1 >= avatars.length;
  if (!$("detail").open) $("detail").showModal();
}

function step_detail(by) {
  const next = avatars[avatars.indexOf(opened) + by];
  if (next !== undefined) open_detail(next);
}

$("close").addEventListener("click", () => $("detail").close());
$("previous").addEventListener("click", () => step_detail(-1));
$("next").addEventListener("click", () => step_detail(1));
$("detail").addEventListener("click", (event) => event.target === $("detail") && $("detail").close()); // beside the box
$("detail").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step_detail(-1);
  if (event.key === "ArrowRight") step_detail(1);
});

// Start.

$("folder").textContent = data.folder;
document.title = `${data.folder} - swiftavatar report`;
const failed = items.filter((item) => item.status !== "ok").length;
$("summary").textContent = `${counted(items.length, "result", "results")}: ${counted(items.length - failed, "avatar", "avatars")}, ` +
  `${counted(failed, "failure", "failures")}. ` + (data.left_out > 0 ? `${data.left_out} more results were left out. ` : "") +
  `swiftavatar ${data.version}.`;
fill_measures();
fill_facets();
fill_bars();
$("search").addEventListener("input", show);
$("order").addEventListener("change", show);
$("measure").addEventListener("change", () => { bins.chosen.clear(); show(); });
$("more").addEventListener("click", () => extend($("gallery"), avatars, card, $("more"))?.firstChild.focus());
$("more-failures").addEventListener("click", () => extend($("failure-list"), failures, failure, $("more-failures")));
$("clear").addEventListener("click", () => {
  for (const filter of filters) filter.chosen.clear();
  for (const facet of facets) for (const { box } of facet.labels.values()) box.checked = false;
  $("search").value = "";
  show();
});
const wide = matchMedia("(min-width: 900px)");
const follow_width = () => { $("filters").open = wide.matches; };
wide.addEventListener("change", follow_width);
follow_width();
show();
