const WORDS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  ENXIO: "it is a pipe or a device, and no file",
  EACCES: "we may not read it",
  EPERM: "we may not read it",
};

/** Why a file cannot be read, in plain words; undefined where the system's code says nothing to a person. */
export function fileProblem(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? WORDS[String(error.code)] : undefined;
}
