// Draws the report's charts in the reader's light or dark colour scheme, and draws them again when
// the scheme or the width changes. vegaEmbed comes with the bundle (report.py).
const { specs, light, dark, brighter } = JSON.parse(document.getElementById("report-data").textContent);
const scheme = matchMedia("(prefers-color-scheme: dark)");

// The specification in colours that stand out on a dark background.
function brightened(spec) {
  let text = JSON.stringify(spec);
  for (const [on_light, on_dark] of Object.entries(brighter)) text = text.replaceAll(on_light, on_dark);
  return JSON.parse(text);
}

async function draw() {
  for (const [key, spec] of Object.entries(specs)) {
    const place = document.getElementById("chart-" + key);
    const drawn = scheme.matches ? { ...brightened(spec), config: dark } : { ...spec, config: light };
    await vegaEmbed(place, drawn, { actions: false, renderer: "svg", logLevel: 1 });
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
