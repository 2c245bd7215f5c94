import { expect, test } from "vitest";
import {
  duration,
  durationText,
  formatDuration,
  formatLatency,
  formatShare,
  formatSize,
  parseDuration,
  parseShare,
  parseSize,
  share,
  size,
} from "../src/domain/measures.ts";

test.each([
  ["10s", 10_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["2 weeks", 1_209_600_000],
  ["500ms", 500],
  ["10 min", 600_000],
  ["1h30m", 5_400_000],
  ["2h30", 9_000_000],
  ["1 h 30 min", 5_400_000],
  ["1.5 H", 5_400_000],
  [" 45 Seconds ", 45_000],
  ["0s", 0],
])("%s is a duration", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "10", "ten minutes", "5m 1h", "5m5m", "10 parsecs", "-5m", "5m!", "h", "1e3s", "30 2h"])(
  "%j is not a duration",
  (text) => {
    expect(() => parseDuration(text)).toThrow("is not a duration. Write it like 10s, 5m, 2h or 1h30m.");
  },
);

test.each([
  ["50 MB", 50_000_000],
  ["1.5GiB", 1_610_612_736],
  ["4096", 4096],
  ["200k", 200_000],
  ["7 bytes", 7],
])("%s is a size", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "MB", "-5 MB", "5 moose", "5 MB more"])("%j is not a size", (text) => {
  expect(() => parseSize(text)).toThrow("is not a size");
});

test.each([
  ["85 %", 0.85],
  ["85%", 0.85],
  ["1/4", 0.25],
  ["0.5", 0.5],
  ["100 %", 1],
  ["0", 0],
])("%s is a share", (text, value) => {
  expect(parseShare(text)).toBe(value);
});

test.each(["", "85", "101 %", "-1 %", "3/2", "1/0", "0/0", "half"])("%j is not a share", (text) => {
  expect(() => parseShare(text)).toThrow("is not a share");
});

test.each([
  [6.4 * 86_400_000, "6 days"],
  [86_400_000, "1 day"],
  [36 * 3_600_000, "36 hours"],
  [5_400_000, "90 minutes"],
  [3_600_000, "1 hour"],
  [90_000, "90 seconds"],
  [1_500, "1 second"],
  [-3 * 3_600_000, "3 hours"],
  [0, "0 seconds"],
])("%d ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [850.4, "850 ms"],
  [999.7, "1 s"],
  [4_210, "4.2 s"],
  [2_000, "2 s"],
  [125_000, "2 minutes"],
])("%d ms of waiting reads %s", (ms, text) => {
  expect(formatLatency(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_400, "1.4 kB"],
  [61_000_000, "61 MB"],
  [999_900, "1 MB"],
  [9_960_000, "10 MB"],
  [5e15, "5000 TB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test.each([
  [0, "0 %"],
  [0.0004, "under 0.1 %"],
  [0.004, "0.4 %"],
  [0.02, "2 %"],
  [0.378, "38 %"],
  [0.9999, "99.9 %"],
  [1, "100 %"],
])("a share of %d reads %s", (value, text) => {
  expect(formatShare(value)).toBe(text);
});

test("settings keep their meaning when they are parsed again, and say what is wrong", () => {
  expect(duration.parse("10s")).toBe(10_000);
  expect(durationText.parse(durationText.parse("1h30m"))).toBe("1h30m");
  expect(size.parse(size.parse("50 MB"))).toBe(50_000_000);
  expect(share.parse(share.parse("1/3"))).toBeCloseTo(1 / 3);
  expect(share.parse(share.parse("0.00001 %"))).toBeCloseTo(1e-7, 12);

  expect(duration.safeParse(10).error?.issues[0]?.message).toBe("Write a duration with its unit, like 10s, 5m or 2h.");
  expect(duration.safeParse("10").error?.issues[0]?.message).toMatch(/^"10" is not a duration\./);
  expect(share.safeParse(85).error?.issues[0]?.message).toBe('"85" is not a share. Write it like 85 %, 1/3 or 0.85.');
  expect(size.safeParse(true).error?.issues[0]?.message).toBe("Write a size like 50 MB or 2 GiB.");
});
