// Reads files of comma-separated values as a spreadsheet does (RFC 4180).
import { readFile } from "node:fs/promises";

/** The rows of a file that begins with a byte order mark. */
export async function csv(path: string): Promise<string[][]> {
  const text = await readFile(path, "utf8");
  if (!text.startsWith("\ufeff")) throw new Error("no byte order mark");
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
