// Bars on the session's time axis: the shapes of templates/components/timeline.html, drawn from seconds.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 12;
const TOP = 1;

function shape(kind, x, width) {
  const middle = { y1: TOP + HEIGHT / 2, y2: TOP + HEIGHT / 2, x1: `${x}%`, x2: `${x + width}%` };
  const box = { x: `${x}%`, width: `${width}%`, y: TOP, height: HEIGHT };
  switch (kind) {
    case "bridged":
      return ["line", { ...middle, "stroke-width": HEIGHT, "stroke-dasharray": "2 2" }];
    case "break":
      return ["line", { ...middle, "stroke-width": 3, "stroke-dasharray": "3 3" }];
    case "outage":
    case "amnesty":
      return ["rect", { ...box, y: TOP + 1, height: HEIGHT - 2, "stroke-width": 2, ...(kind === "amnesty" && { "stroke-dasharray": "4 2" }) }];
    case "unverified":
      return ["rect", { ...box, y: TOP + HEIGHT / 2, height: HEIGHT / 2 }];
    default:
      return ["rect", { ...box, rx: 2 }];
  }
}

/** Draws [from, to, kind] (seconds since the start) into a bar of `length` seconds; the last stretch grows to `grown`. */
export function drawBar(svg, spans, length, grown) {
  const drawn = spans.map(([from, to, kind], place) => {
    const end = place === spans.length - 1 && grown !== null ? Math.max(to, grown) : to;
    const x = (Math.min(Math.max(from / length, 0), 1)) * 100;
    const width = Math.max(0.25, Math.min(Math.max(end / length, 0), 1) * 100 - x);
    const [name, attributes] = shape(kind, x, width);
    const node = document.createElementNS(SVG, name);
    node.setAttribute("class", `span--${kind}`);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  });
  svg.replaceChildren(svg.querySelector(".timeline-track"), ...drawn);
}
