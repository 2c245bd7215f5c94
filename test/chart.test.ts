import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { drawPng } from "../src/delivery/png.ts";
import { CHART_HEIGHT, CHART_WIDTH, chartMessage, chartSvg, chartWords, type Chart } from "../src/slack/chart.ts";
import { golden, goldenFile } from "./views.golden.ts";

/** A check's last day as a picture: a quiet day, a gap, and a bad hour. */

const FROM = new Date("2026-11-22T02:05:00Z");
const TO = new Date("2026-11-23T02:05:00Z");
const MINUTES = 60_000;

function levelAt(index: number): "ok" | "warning" | "critical" {
  if (index < 276) return "ok";
  return index < 280 ? "warning" : "critical";
}

const DAY: Chart = {
  check: "shop/http",
  unit: "share",
  from: FROM,
  to: TO,
  points: Array.from({ length: 288 }, (_, index) => ({
    at: new Date(FROM.getTime() + (index + 1) * 5 * MINUTES),
    value: index < 276 ? (index % 24) / 2_400 : 0.05 + (index - 276) * 0.03,
    level: levelAt(index),
  })).filter((_, index) => index < 100 || index > 130),
};

test("a day as a picture", async () => {
  await expect(chartSvg(DAY)).toMatchFileSnapshot("golden/chart.svg");
});

test("the message beside it has the numbers, and a text for who does not see the picture", async () => {
  expect(chartWords(DAY)).toBe("The last day of shop/http: 38 % now, between 0 % and 38 %");
  await expect(golden(chartMessage(DAY, "F0CHART"))).toMatchFileSnapshot(goldenFile("chart"));
  await expect(golden(chartMessage(DAY, null))).toMatchFileSnapshot(goldenFile("chart.numbers-alone"));
});

test("bytes, nothing at all, and a single reading can be drawn", () => {
  const [point] = DAY.points;
  if (point === undefined) throw new Error("there is no reading");
  expect(chartWords({ ...DAY, unit: "bytes", points: [{ ...point, value: 61_000_000 }] })).toBe(
    "The last day of shop/http: 61 MB now, between 61 MB and 61 MB",
  );
  for (const unit of ["share", "bytes"] as const) {
    const svg = chartSvg({ ...DAY, unit, points: [{ ...point, value: 0 }] });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toMatch(/M([\d.]+ [\d.]+)L\1"/);
  }
});

test("the PNG has the size of the drawing, and its writing is there without any font of the system", async () => {
  const { width, height, pixels } = decoded(await drawPng(chartSvg(DAY)));
  expect({ width, height }).toEqual({ width: CHART_WIDTH, height: CHART_HEIGHT });
  function dark(left: number, top: number, right: number, bottom: number): number {
    const rows = Array.from({ length: bottom - top }, (_, row) =>
      Array.from({ length: right - left }, (_each, column) => pixels(left + column, top + row)),
    );
    return rows.flat().filter((sum) => sum < 400).length;
  }
  expect(dark(0, 10, 100, 60)).toBeGreaterThan(50); // the highest value's label
  expect(dark(110, 272, 930, 300)).toBeGreaterThan(200); // the hours
});

/** A PNG of 8 bits and four channels, without interlacing; `pixels` gives red + green + blue. */
function decoded(png: Buffer): { width: number; height: number; pixels: (x: number, y: number) => number } {
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const packed: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") packed.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([...png.subarray(24, 29)]).toEqual([8, 6, 0, 0, 0]);
  const lines = inflateSync(Buffer.concat(packed));
  const row = width * 4;
  expect(lines).toHaveLength((row + 1) * height);
  const image = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = lines[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const [a, b, c] = [
        x < 4 ? 0 : (image[y * row + x - 4] ?? 0),
        y === 0 ? 0 : (image[(y - 1) * row + x] ?? 0),
        x < 4 || y === 0 ? 0 : (image[(y - 1) * row + x - 4] ?? 0),
      ];
      const guess = [0, a, b, Math.floor((a + b) / 2), paeth(a, b, c)][filter ?? 0] ?? 0;
      image[y * row + x] = ((lines[y * (row + 1) + 1 + x] ?? 0) + guess) & 255;
    }
  }
  return {
    width,
    height,
    pixels: (x, y) => image.subarray((y * width + x) * 4, (y * width + x) * 4 + 3).reduce((sum, one) => sum + one, 0),
  };
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
