// Draws the charts in the reader's light or dark colours and, on the page, asks for figures again
// when a filter changes. vegaEmbed comes with the bundle (assets.py). Page and report share this.
const looks = JSON.parse(document.getElementById("looks")?.textContent ?? "null");
const scheme = matchMedia("(prefers-color-scheme: dark)");
const form = document.getElementById("filters");

// ---- charts

// The specifications inside an element, by panel.
function charts(root) {
  return Object.assign({}, ...[...root.querySelectorAll(".charts-data")].map((data) => JSON.parse(data.textContent)));
}

// The specification in colours that stand out on a dark background.
function darkened(spec) {
  let text = JSON.stringify(spec);
  for (const [light, dark] of Object.entries(looks.on_dark)) text = text.replaceAll(light, dark);
  return JSON.parse(text);
}

const views = new Map(); // what is drawn, by the element that holds it

async function drawOne(key, spec) {
  const place = document.getElementById("chart-" + key);
  if (!place) return;
  const drawn = scheme.matches ? { ...darkened(spec), config: looks.dark } : { ...spec, config: looks.light };
  drawn.description = place.dataset.description;
  // The interpreter (ast) needs no eval, which the security policy forbids.
  const options = { actions: false, renderer: "svg", logLevel: 1, ast: true, defaultStyle: false,
                    tooltip: { disableDefaultStyle: true } };
  const { view } = await vegaEmbed(place, drawn, { ...options, ...spec.usermeta?.embedOptions });
  views.set(place, view);
  // Vega writes the page's whole address into them, which is another one after the next filter.
  for (const each of place.querySelectorAll('[fill^="url("]')) {
    each.setAttribute("fill", each.getAttribute("fill").replace(/[^(]*#/, "#"));
  }
  const click = Object.entries(spec.usermeta?.click ?? {});
  if (click.length && form) {
    place.classList.add("clickable");
    view.addEventListener("click", (_, item) => {
      const [filter, field] = click.find(([, name]) => item?.datum?.[name]) ?? [];
      if (filter) choose(filter, item.datum[field]);
    });
  }
}

let drawing = 0; // a later call ends an earlier one

// Draws the charts inside an element that are not there yet; then asks for the rooms that are missing.
async function draw(root, kept = new Set()) {
  const turn = ++drawing;
  await drawAll(root, turn, kept);
  const missing = () => [...document.querySelectorAll("[data-room]")].filter((room) => room.querySelector(".waiting") || room.hasAttribute("aria-busy"));
  const distance = (room) => Math.abs(room.getBoundingClientRect().top + room.clientHeight / 2 - innerHeight / 2);
  for (let rooms; (rooms = missing()).length; ) {
    if (turn !== drawing) return;
    await fill(rooms.sort((one, other) => distance(one) - distance(other))[0], turn);
  }
  if (turn === drawing) document.body.dataset.drawn = scheme.matches ? "dark" : "light";
}

async function drawAll(root, turn, kept = new Set()) {
  const wanted = Object.entries(charts(root)).filter(([key]) => !kept.has(key));
  const top = ([key]) => document.getElementById("chart-" + key)?.getBoundingClientRect().top ?? 0;
  wanted.sort((one, other) => top(one) - top(other)); // what is seen first is drawn first
  for (const [key, spec] of wanted) {
    if (turn !== drawing) return;
    await drawOne(key, spec);
    await new Promise((next) => setTimeout(next)); // lets the reader scroll and click in between
  }
}

// Fetches a room and draws it.
async function fill(section, turn) {
  const room = section.querySelector(".room");
  let text;
  try {
    const answer = await fetch(section.dataset.room);
    text = await answer.text();
    if (!answer.ok) throw new Error(text);
  } catch {
    text = '<p class="statement">This part could not be read. Is make dashboard still running?</p>';
  }
  if (turn !== drawing) return;
  const isNew = !section.hasAttribute("aria-busy");
  room.innerHTML = text;
  section.removeAttribute("aria-busy");
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (isNew && target && room.contains(target)) target.scrollIntoView();
  await drawAll(room, turn);
}

let width = innerWidth;
let pending;
addEventListener("resize", () => {
  if (innerWidth === width) return; // a phone's address bar changes the height only
  width = innerWidth;
  clearTimeout(pending);
  pending = setTimeout(() => draw(document), 200);
});
scheme.addEventListener("change", () => draw(document));

// ---- sorting of tables

function makeSortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "descending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "ascending" : "descending");
      const of = (row) => row.cells[column].dataset.order;
      const number = head.classList.contains("figure");
      const rows = [...body.rows].filter((row) => !row.classList.contains("all"));
      rows.sort((one, other) => {
        if (of(one) === "" || of(other) === "") return (of(one) === "") - (of(other) === "");
        const way = number ? of(one) - of(other) : of(one).localeCompare(of(other));
        return down ? way : -way;
      });
      body.prepend(...rows);
    });
  });
}

// ---- filters (the page only)

let asked = 0;

// Shows the figures of an address, with the controls that belong to it.
async function show(address) {
  const turn = ++asked;
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  let text;
  try {
    const answer = await fetch(address, { headers: { "X-Part": "results" } });
    text = await answer.text();
    if (!answer.ok) throw new Error(text);
  } catch (error) {
    if (turn !== asked) return;
    results.removeAttribute("aria-busy");
    announce("The figures could not be read: is make dashboard still running?");
    document.getElementById("problem").textContent =
      "The figures could not be read. Is make dashboard still running?";
    return;
  }
  if (turn !== asked) return; // a later filter has been chosen meanwhile
  document.getElementById("problem").textContent = "";
  const made = new DOMParser().parseFromString(text, "text/html");
  const kept = keepRooms(results, made);
  for (const id of ["chips", "results"]) {
    document.getElementById(id).replaceChildren(...made.getElementById(id).childNodes);
  }
  for (const label of made.querySelectorAll("[data-control]")) {
    form.querySelector(`[data-control="${label.dataset.control}"]`).textContent = label.textContent;
  }
  const chosen = new Set([...made.querySelectorAll("input:checked")].map((box) => box.name + "=" + box.value));
  for (const box of form.querySelectorAll("input[name]")) box.checked = chosen.has(box.name + "=" + box.value);
  for (const select of made.querySelectorAll("select")) form.elements[select.name].value = select.value;
  results.removeAttribute("aria-busy");
  makeSortable(results.querySelector("#panel-companies table.sortable"));
  announce(results.querySelector("[data-says]")?.dataset.says ?? "");
  await draw(results, kept);
}

// Moves what the filter did not change from the old results into the new ones; returns its charts.
function keepRooms(old, made) {
  const kept = new Set();
  for (const next of made.querySelectorAll("[data-room]")) {
    const room = old.querySelector(`[aria-labelledby="${next.getAttribute("aria-labelledby")}"]`);
    if (!room || room.querySelector(".waiting")) continue;
    const drawn = charts(room);
    if (room.dataset.room === next.dataset.room && room.dataset.build === next.dataset.build) {
      next.replaceWith(room);
      Object.keys(drawn).filter((key) => room.querySelector("#chart-" + key)?.firstChild).forEach((key) => kept.add(key));
    } else if (next.querySelector(".waiting")) {
      next.querySelector(".room").replaceChildren(...room.querySelector(".room").childNodes);
      next.setAttribute("aria-busy", "true"); // the old figures, pale, until the new ones are there
      Object.keys(drawn).forEach((key) => kept.add(key));
    } else {
      // A chart whose figures are the same is not drawn again.
      const now = charts(next);
      for (const key of Object.keys(drawn)) {
        const chart = room.querySelector("#chart-" + key);
        if (!chart.firstChild || JSON.stringify(drawn[key]) !== JSON.stringify(now[key])) continue;
        next.querySelector("#chart-" + key)?.replaceWith(chart);
        kept.add(key);
      }
    }
  }
  return kept;
}

function announce(sentence) {
  document.getElementById("announcement").textContent = sentence;
}

function go(address) {
  history.pushState(null, "", address);
  return show(address);
}

function chosenAddress() {
  const pairs = [...new FormData(form)].filter(([, value]) => value !== "");
  return pairs.length ? "?" + new URLSearchParams(pairs) : location.pathname;
}

// A click on a mark adds its value to a filter, or takes it away again.
function choose(name, value) {
  const box = [...form.querySelectorAll(`input[name="${name}"]`)].find((each) => each.value === String(value));
  if (!box) return;
  box.checked = !box.checked;
  go(chosenAddress());
}

if (form) {
  let waiting;
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => go(chosenAddress()), 20);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (!target.matches(".find")) return;
    const text = target.value.toLowerCase();
    for (const label of target.parentNode.querySelectorAll("label")) {
      label.hidden = !label.textContent.toLowerCase().includes(text);
    }
  });
  const controls = [...form.querySelectorAll("details")];
  document.addEventListener("click", ({ target }) => {
    for (const each of controls) if (!each.contains(target)) each.open = false;
  });
  document.addEventListener("keydown", ({ key }) => {
    const open = controls.find((each) => each.open);
    if (key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#chips a, #results td a, #results th a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href);
    // The link that had the focus is gone: the first filter is the nearest place that stays.
    if (link.closest("#chips")) form.querySelector("summary").focus();
  });
  addEventListener("popstate", () => show(location.href));
}
document.querySelectorAll("table.sortable").forEach(makeSortable);
// ---- paper

// The inks of the dark look, and those of the light one.
function lightInks() {
  const inks = ({ axis, text, axisY }) => [axisY.labelColor, axis.labelColor, axis.gridColor, text.color];
  const [dark, light] = [inks(looks.dark), inks(looks.light)];
  const marks = Object.entries(looks.on_dark).map(([onLight, onDark]) => [onDark, onLight]);
  return new Map([...marks, ...dark.map((ink, place) => [ink, light[place]])]);
}

// Nothing that has to be waited for: the browser prints what is there when this returns.
function prepareForPaper() {
  said.forEach((each) => (each.open = true));
  const inks = document.body.dataset.drawn === "dark" ? lightInks() : new Map();
  for (const [place, view] of views) {
    if (!place.isConnected) views.delete(place);
    else if (view.getState().signals.width) view.signal("width", PAPER).run();
    for (const name of ["fill", "stroke"]) {
      // Bars keep their colours, which go with the texts inside.
      for (const each of place.querySelectorAll(name === "fill" ? "text" : "line, .mark-rule *")) {
        const ink = inks.get(each.getAttribute(name));
        if (ink) each.setAttribute(name, ink);
      }
    }
  }
}

const PAPER = 940; // pixels across a page, less what is around a chart
const said = document.querySelectorAll(".finding details, .caveat");
addEventListener("beforeprint", prepareForPaper);
addEventListener("afterprint", () => draw(document));
// On a phone what is said about the findings would push the figures off the first screen.
if (innerWidth <= 820) said.forEach((each) => (each.open = false));
if (looks) draw(document);
