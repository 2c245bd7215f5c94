import { fileURLToPath } from "node:url";

/** The font comes along, so that a picture is the same on every machine. */
const FONT = "dejavu-fonts-ttf/ttf/DejaVuSans.ttf";

/** Draws an SVG as a PNG of the same size. The renderer is loaded when it is first needed. */
export async function drawPng(svg: string): Promise<Buffer> {
  const { renderAsync } = await import("@resvg/resvg-js");
  const font = { fontFiles: [fileURLToPath(import.meta.resolve(FONT))], loadSystemFonts: false };
  return (await renderAsync(svg, { font: { ...font, defaultFontFamily: "DejaVu Sans" } })).asPng();
}
