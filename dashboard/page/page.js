// Draws the charts in the reader's light or dark colours and, on the page, asks for figures again
// when a filter changes. vegaEmbed comes with the bundle (assets.py). Page and report share this.
const looks = JSON.parse(document.getElementById("looks")?.textContent ?? "null");
const scheme = matchMedia("(prefers-color-scheme: dark)");
const form = document.getElementById("filters");
const charts = () => JSON.parse(document.getElementById("charts-data")?.textContent ?? "{}");

// ---- charts

let drawing = 0;

// The specification in colours that stand out on a dark background.
function darkened(spec) {
  let text = JSON.stringify(spec);
  for (const [light, dark] of Object.entries(looks.on_dark)) text = text.replaceAll(light, dark);
  return JSON.parse(text);
}

async function drawOne(key, spec) {
  const place = document.getElementById("chart-" + key);
  if (!place) return;
  const drawn = scheme.matches ? { ...darkened(spec), config: looks.dark } : { ...spec, config: looks.light };
  drawn.description = place.dataset.description;
  // The interpreter (ast) needs no eval, which the security policy forbids.
  const options = { actions: false, renderer: "svg", logLevel: 1, ast: true, defaultStyle: false,
                    tooltip: { disableDefaultStyle: true } };
  const { view } = await vegaEmbed(place, drawn, { ...options, ...spec.usermeta?.embedOptions });
  const click = Object.entries(spec.usermeta?.click ?? {});
  if (click.length && form) {
    place.classList.add("clickable");
    view.addEventListener("click", (_, item) => {
      const [filter, field] = click.find(([, name]) => item?.datum?.[name]) ?? [];
      if (filter) choose(filter, item.datum[field]);
    });
  }
}

const kept = new Set(); // charts that need no drawing

async function draw() {
  const turn = ++drawing;
  const wanted = Object.entries(charts()).filter(([key]) => !kept.has(key));
  kept.clear();
  const top = ([key]) => document.getElementById("chart-" + key)?.getBoundingClientRect().top ?? 0;
  wanted.sort((one, other) => top(one) - top(other)); // what is seen first is drawn first
  for (const [key, spec] of wanted) {
    if (turn !== drawing) return;
    await drawOne(key, spec);
    await new Promise((next) => setTimeout(next)); // lets the reader scroll and click in between
  }
  document.body.dataset.drawn = scheme.matches ? "dark" : "light";
}

let width = innerWidth;
let pending;
addEventListener("resize", () => {
  if (innerWidth === width) return; // a phone's address bar changes the height only
  width = innerWidth;
  clearTimeout(pending);
  pending = setTimeout(draw, 200);
});
scheme.addEventListener("change", draw);

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
  const before = charts();
  const drawn = Object.keys(before).map((key) => [key, document.getElementById("chart-" + key)]);
  for (const id of ["chips", "results"]) {
    document.getElementById(id).replaceChildren(...made.getElementById(id).childNodes);
  }
  // A chart whose figures are the same is not drawn again.
  const now = charts();
  for (const [key, node] of drawn) {
    if (node?.firstChild && JSON.stringify(before[key]) === JSON.stringify(now[key])) {
      document.getElementById("chart-" + key)?.replaceWith(node);
      kept.add(key);
    }
  }
  for (const label of made.querySelectorAll("[data-control]")) {
    form.querySelector(`[data-control="${label.dataset.control}"]`).textContent = label.textContent;
  }
  const chosen = new Set([...made.querySelectorAll("input:checked")].map((box) => box.name + "=" + box.value));
  for (const box of form.querySelectorAll("input[name]")) box.checked = chosen.has(box.name + "=" + box.value);
  for (const select of made.querySelectorAll("select")) form.elements[select.name].value = select.value;
  results.removeAttribute("aria-busy");
  results.querySelectorAll("table.sortable").forEach(makeSortable);
  announce(results.querySelector("[data-says]")?.dataset.says ?? "");
  await draw();
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
    waiting = setTimeout(() => go(chosenAddress()), 60);
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
if (looks) draw();
