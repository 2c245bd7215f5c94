// The page's own icons: one stroke path each, on a 20 × 20 grid.

const PATHS = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13.5M3 12.5h13.5",
  thread: "M3.5 4h13v9.5h-7L6 16.5v-3H3.5zM7 7.5h6M7 10.5h4",
  more: "M10 5v.01M10 10v.01M10 15v.01",
  close: "M5 5l10 10M15 5 5 15",
  send: "M3.5 3.5 17 10 3.5 16.5 5.5 10zM5.5 10H11",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.300 4.300l1 1M14.700 14.700l1 1M4.300 15.700l1-1M14.700 5.300l1-1",
  moon: "M16.5 11.5A7 7 0 1 1 8.5 3.5a5.5 5.5 0 0 0 8 8z",
  auto: "M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 3v14M10 6h4.5M10 9h6.5M10 12h6.5M10 15h4",
  eye: "M2.5 10c2-3.5 4.5-5 7.5-5s5.5 1.5 7.5 5c-2 3.5-4.5 5-7.5 5s-5.5-1.5-7.5-5zM10 7.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400",
  chevron: "M5.5 8l4.5 4.5L14.5 8",
  down: "M10 4v12M5 11l5 5 5-5",
  bolt: "M11 2.5 4.5 11.5H9.5L8.5 17.5 15.5 8.5H10.5z",
  warning: "M10 3.5 17.5 16.5h-15zM10 8.5v4M10 14.5v.01",
  picture: "M3 4.5h14v11H3zM3.5 14.5l4-4.5 3 3 2.5-2.5 4 4M13 7.5v.01",
};

const SVG = "http://www.w3.org/2000/svg";

/** @param {keyof typeof PATHS} name a decoration: the control around it carries the label */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
