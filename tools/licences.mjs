// Writes the licences of what a release contains beside our own code: tools/licences.mjs FILE. The crates are those that the
// proxy without the demo and the page are linked from; their texts come with their sources. A crate without a text gets the one
// of another crate from its repository, or else the standard one of its licence; one for which there is neither is an error.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { shipped } from "./shipped.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [target] = process.argv.slice(2);
if (!target) {
  console.error("usage: tools/licences.mjs FILE");
  process.exit(2);
}

const { packages, crates } = shipped();

/** Licence texts of a library in another language that a crate brings along, some folders below its own. */
function bundled(folder, depth = 3) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? bundled(path, depth - 1) : [];
    return depth < 3 && /^(licen[cs]e|copying)/i.test(entry.name) ? [path] : [];
  });
}

/** The licence texts in a crate's folder: the MIT one where that may be chosen, otherwise all, and notices. */
function texts({ manifest_path, license, license_file, links }) {
  const folder = dirname(manifest_path);
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
  const licences = found.filter((name) => /^(licen[cs]e|copying|unlicense)/i.test(name)).sort();
  if (license_file && !licences.includes(license_file)) licences.push(license_file);
  const mit = /\bMIT\b/.test(license ?? "") && licences.filter((name) => /mit/i.test(name));
  const chosen = mit && mit.length > 0 ? mit : licences;
  const notices = found.filter((name) => /^notice/i.test(name));
  if (chosen.length === 0) return [];
  const files = [...chosen, ...notices].map((name) => join(folder, name));
  if (links) files.push(...bundled(folder));
  return files.map((file) => readFileSync(file, "utf8").trim());
}

const repository = (crate) => (crate.repository ?? crate.name).replace(/(\.git|\/tree\/.*|\/)$/, "");
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The text of a licence for a crate that has none. */
function standard({ name, authors, repository, license }) {
  if (!/\bMIT\b/.test(license ?? "")) throw new Error(`${name}: there is no text of ${license}`);
  const who = authors.length > 0 ? authors.map((author) => author.replace(/ *<.*>/, "")).join(", ") : `the authors of ${name}`;
  return `MIT License\n\nCopyright (c) ${who} (${repository ?? name})\n\n${MIT}`;
}

/** Crates with the same text share it. */
const shared = new Map();
for (const crate of crates) {
  let own = texts(crate);
  if (own.length === 0) {
    const sibling = packages.find((other) => other.source && other.license === crate.license && repository(other) === repository(crate) && texts(other).length > 0);
    own = sibling ? texts(sibling) : [standard(crate)];
  }
  for (const text of own) {
    const key = text.replace(/\s+/g, " ");
    if (!shared.has(key)) shared.set(key, { text, of: [] });
    shared.get(key).of.push(`${crate.name} ${crate.version} (${crate.license ?? "see the text"})`);
  }
}

const line = "=".repeat(80);
const parts = [...shared.values()].map(({ text, of }) => `${line}\n${of.join("\n")}\n${line}\n\n${text}\n`);
const head = `Deskbuy is licensed under Apache-2.0 (LICENSE). Its program and its page contain these ${crates.length} crates as well,
and Rust's standard library (MIT OR Apache-2.0, https://github.com/rust-lang/rust). SQLite, in libsqlite3-sys, is in the public domain.\n`;
writeFileSync(target, `${head}\n${parts.join("\n")}`);
console.log(`${crates.length} crates, ${shared.size} texts`);
