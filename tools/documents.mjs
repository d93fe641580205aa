// Checks the documents: links lead somewhere, tests that they name are there, commands and settings are the program's, and the
// Chinese ones have the headings, commands, settings and links of the English ones. Prints every fault; exits with 1 if any.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** English documents with a Chinese one beside them. */
const PAIRS = [
  ["README.md", "README.zh-CN.md"],
  ["deploy/README.md", "deploy/README.zh-CN.md"],
];

const faults = [];
const fault = (file, text) => faults.push(`${file}: ${text}`);
const read = (file) => readFileSync(file, "utf8");
const tracked = (...patterns) => execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...patterns], { encoding: "utf8" }).split("\n").filter(Boolean).filter(existsSync);

/** The anchor that a heading gets where documents are shown. */
const anchor = (heading) =>
  heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");

/** A document's sections, each with its heading, the commands of its code blocks, its inline code, and its links. */
function sections(text) {
  const found = [{ level: 0, heading: "", commands: [], code: new Set(), links: new Set() }];
  let block = false;
  let paragraph = [];
  const close = () => {
    // Inline code may go over the end of a line.
    const prose = paragraph.join(" ");
    for (const [, code] of prose.matchAll(/`([^`]+)`/g)) found.at(-1).code.add(code);
    const rest = prose.replace(/`[^`]*`/g, "");
    for (const [, target] of rest.matchAll(/\]\(([^)\s]+)\)/g)) found.at(-1).links.add(target);
    for (const [, target] of rest.matchAll(/(?:src|srcset)="([^"]+)"/g)) found.at(-1).links.add(target);
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    const heading = /^(#+) (.*)$/.exec(line);
    if (line.startsWith("```")) {
      close();
      block = !block;
    } else if (block) {
      // What is said about a command is in the reader's language.
      const command = line.replace(/(^|\s)#\s.*$/, "").trim().replace(/\s+/g, " ");
      if (command) found.at(-1).commands.push(command);
    } else if (heading) {
      close();
      found.push({ level: heading[1].length, heading: heading[2], commands: [], code: new Set(), links: new Set() });
    } else if (line.trim() === "") close();
    else paragraph.push(line.trim());
  }
  close();
  return found;
}

const documents = new Map(tracked("*.md").map((file) => [file, sections(read(file))]));

/** Links within the project lead to a file that is there, and to a heading in it. */
function links(file) {
  for (const target of documents.get(file).flatMap(({ links }) => [...links])) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path, heading] = target.split("#");
    const to = path === "" ? file : normalize(join(dirname(file), path));
    if (!existsSync(to)) fault(file, `the link ${target} leads nowhere`);
    else if (heading && !documents.get(to)?.some((section) => anchor(section.heading) === heading)) {
      fault(file, `${to} has no heading ${heading}`);
    }
  }
}

/** A test that is named after its file, as `file`: `name`, `name`, is in that file. */
function tests(file) {
  for (const [, path, names] of read(file).matchAll(/`([\w./-]+\.(?:rs|ts))`: ((?:`[^`]+`(?:, )?)+)/g)) {
    if (!existsSync(path)) fault(file, `there is no ${path}`);
    else for (const [, name] of names.matchAll(/`([^`]+)`/g)) if (!read(path).includes(name)) fault(file, `${path} has no ${name}`);
  }
}

const settings = tracked("proxy/src/settings.rs", "proxy/src/settings/*.rs").map(read).join("\n");
const variables = new Set([...settings.matchAll(/env = "(DESKBUY_[A-Z_]+)"/g)].map(([, name]) => name));
/** Flags are named by `long`, or else after their field. */
const flags = new Set(
  [...settings.matchAll(/#\[arg\(([^\]]*)\)\]\s*(?:pub )?(\w+):/g)]
    .filter(([, how]) => /\blong\b/.test(how))
    .map(([, how, field]) => /long = "([^"]+)"/.exec(how)?.[1] ?? field.replaceAll("_", "-"))
    .concat("help", "version"),
);
const subcommands = new Set([...settings.matchAll(/^ {4}([A-Z]\w+)(?:\((?:Box<)?\w+Args>?\))?,$/gm)].map(([, name]) => name.toLowerCase()));
const targets = new Set([...read("Makefile").matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => name));
/** What is no setting of the program, but of its build and tests, of Kubernetes, or of a version before. */
const OTHERS = new Set(["DESKBUY_TOOLS", "DESKBUY_PORT", "DESKBUY_SERVICE_HOST"]);

/** Settings and targets of make that a document names are there. */
function names(file) {
  const text = read(file);
  for (const [name] of text.matchAll(/DESKBUY_[A-Z_]*[A-Z]\b/g)) {
    // `DESKBUY_ENDPOINT_…` stands for several.
    const known = variables.has(name) || OTHERS.has(name) || [...variables].some((each) => each.startsWith(`${name}_`));
    if (!known) fault(file, `the program has no setting ${name}`);
  }
  for (const { code, commands } of documents.get(file)) {
    for (const line of [...code, ...commands]) {
      const words = line.split(/\s+/);
      if (!/^([\w./-]*\/)?deskbuy$/.test(words[0])) continue;
      if (words[1] && !words[1].startsWith("-") && !subcommands.has(words[1])) fault(file, `there is no ${line}`);
      for (const [, flag] of line.matchAll(/ --([a-z-]+)/g)) if (!flags.has(flag)) fault(file, `there is no --${flag} in ${line}`);
    }
    for (const [, target] of [...code, ...commands].join("\n").matchAll(/^make ([a-z0-9-]+)/gm)) {
      if (!targets.has(target)) fault(file, `there is no make ${target}`);
    }
  }
}

/** What two languages have in common. */
function pair(english, chinese) {
  const [ours, theirs] = [english, chinese].map((file) => documents.get(file));
  if (!theirs) return fault(chinese, "it is not there");
  const outline = (document) => document.map(({ level }) => level).join(" ");
  if (outline(ours) !== outline(theirs)) {
    return fault(chinese, `its headings are not those of ${english}: ${ours.length - 1} there, ${theirs.length - 1} here`);
  }
  const plain = (target) => target.replace(".zh-CN.md", ".md").replace(/#.*/, "");
  ours.forEach((section, at) => {
    const other = theirs[at];
    const compare = (what, here, there) => {
      for (const each of here) if (!there.has(each)) fault(chinese, `"${other.heading}" lacks the ${what} ${each}`);
      for (const each of there) if (!here.has(each)) fault(chinese, `"${other.heading}" has the ${what} ${each}, "${section.heading}" has not`);
    };
    compare("command", new Set(section.commands), new Set(other.commands));
    compare("code", section.code, other.code);
    const links = [section, other].map(({ links }) => new Set([...links].map(plain)));
    // Each links to the other at its top.
    compare("link", links[0], links[1]);
  });
}

for (const file of documents.keys()) for (const check of [links, tests]) check(file);
// The history names what was.
for (const file of documents.keys()) if (file !== "CHANGELOG.md") names(file);
for (const [english, chinese] of PAIRS) pair(english, chinese);

for (const each of faults) console.error(`[documents] ${each}`);
if (faults.length > 0) process.exit(1);
console.log(`${documents.size} documents: links, tests, settings and both languages agree`);
