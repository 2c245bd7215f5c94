/** What `/metrics` says, read as strictly as its format is written. */

export type Family = { readonly help: string; readonly type: string; readonly samples: Map<string, number> };

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HEAD = new RegExp(`^(${NAME}) (\\S.*)\n# TYPE (${NAME}) (counter|gauge|histogram|summary)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(\\{[a-zA-Z_]\\w*="[^"\\\\]*"(?:,[a-zA-Z_]\\w*="[^"\\\\]*")*\\})? ([-+0-9.e]+|[Nn]a[Nn])$`,
);

/** Reads the text format strictly: HELP, TYPE and all samples of a family stand together, and nothing is there twice. */
export function parseFigures(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  if (!text.startsWith("# HELP ") || !text.endsWith("\n")) throw new Error("the text has no proper beginning or end");
  for (const block of `\n${text}`.split("\n# HELP ").slice(1)) {
    const [first = "", second = "", ...lines] = block.split("\n").filter((line) => line !== "");
    const [, name = "", help = "", again = "", type = ""] = HEAD.exec(`${first}\n${second}`) ?? [];
    if (name === "" || name !== again || families.has(name))
      throw new Error(`no family begins so: ${first}, ${second}`);
    families.set(name, { help, type, samples: samplesOf(name, type, lines) });
  }
  return families;
}

function samplesOf(family: string, type: string, lines: readonly string[]): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of lines) {
    const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    const base = type === "histogram" ? name.replace(/_(bucket|sum|count)$/, "") : name;
    if (base !== family || samples.has(name + labels)) throw new Error(`no sample of ${family}: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}
