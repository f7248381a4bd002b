// Draws the report's charts in the reader's light or dark scheme, and again when that or the width
// changes. vegaEmbed comes with the bundle (report.py).
const { specs, light, dark } = JSON.parse(document.getElementById("report-data").textContent);
const scheme = matchMedia("(prefers-color-scheme: dark)");
const NARROW = 560;

function config() {
  const chosen = structuredClone(scheme.matches ? dark : light);
  if (innerWidth < NARROW) {
    // the id of a company without its industry
    chosen.axisY = { ...chosen.axisY, labelLimit: 120, labelExpr: "split(datum.label, ' · ')[0]" };
    chosen.legend = { ...chosen.legend, columns: 2 };
    chosen.axis = { ...chosen.axis, labelFontSize: 10, titleFontSize: 10 };
  }
  return chosen;
}

// A map is as wide as the screen allows, and half as high.
function fitted(spec) {
  const isMap = spec.layer?.some((layer) => layer.projection) ?? false;
  return isMap ? { ...spec, height: Math.min(spec.height, innerWidth * 0.45) } : spec;
}

async function draw() {
  for (const [key, spec] of Object.entries(specs)) {
    const place = document.getElementById("chart-" + key);
    await vegaEmbed(place, { ...fitted(spec), config: config() }, { actions: false, renderer: "svg", logLevel: 1 });
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
