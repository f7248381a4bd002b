// Draws the report's charts in the reader's light or dark scheme, and again when that or the width
// changes. vegaEmbed comes with the bundle (report.py).
const { specs, light, dark } = JSON.parse(document.getElementById("report-data").textContent);
const scheme = matchMedia("(prefers-color-scheme: dark)");
const NARROW = 560;

function config() {
  const chosen = structuredClone(scheme.matches ? dark : light);
  if (innerWidth < NARROW) {
    chosen.axisY = { ...chosen.axisY, labelLimit: 74 };
    chosen.axis = { ...chosen.axis, labelFontSize: 10, titleFontSize: 10 };
  }
  return chosen;
}

async function draw() {
  for (const [key, spec] of Object.entries(specs)) {
    const place = document.getElementById("chart-" + key);
    await vegaEmbed(place, { ...spec, config: config() }, { actions: false, renderer: "svg" });
  }
  document.body.dataset.drawn = scheme.matches ? "dark" : "light";
}

let pending;
addEventListener("resize", () => {
  clearTimeout(pending);
  pending = setTimeout(draw, 200);
});
scheme.addEventListener("change", draw);
draw();
