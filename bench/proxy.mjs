// Reads through the proxy, beside nginx `proxy_pass` to the same simulator in the same run: requests a second, times,
// memory, as ratios. `make bench` runs it; SHORT=1 for a glance, SAVE=1 to keep the numbers as the baseline.
//
// nginx passes a request on that was signed once, which the simulator takes again and again (--allow-replays); the proxy
// signs each anew, decodes the answer, and checks it. All of them share the machine's cores with wrk and the simulator.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request, Agent } from "node:http";
import { cpus } from "node:os";
import { promisify } from "node:util";
import { PAGE_LOAD } from "./page-load.mjs";
import { start } from "./servers.mjs";

const SHORT = process.env.SHORT === "1";
const [ROUNDS, SECONDS, CONNECTIONS] = SHORT ? [1, 2, 64] : [3, 8, 64];
const BASELINE = new URL("proxy-baseline.json", import.meta.url);
const READ = "/api/DescribeZones?RegionId=cn-hangzhou";

const run = promisify(execFile);

/** Milliseconds out of wrk's way to write times. */
const milliseconds = (text) => Number.parseFloat(text) * (text.endsWith("us") ? 1e-3 : text.endsWith("ms") ? 1 : 1e3);

/** One run of wrk; with a pause each connection waits that many milliseconds between requests. */
async function wrk(url, { connections = CONNECTIONS, seconds = SECONDS, pause } = {}) {
  const paced = pause === undefined ? [] : ["-s", new URL("paced.lua", import.meta.url).pathname];
  const args = ["-t2", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "--latency", ...paced, url];
  const { stdout } = await run("wrk", args, { env: { ...process.env, PAUSE: String(pause) } });
  const find = (pattern) => stdout.match(pattern)?.[1];
  const failed = find(/Non-2xx or 3xx responses: (\d+)/) ?? find(/(Socket errors: .*[1-9].*)/);
  if (failed) throw new Error(`${url}: ${failed}`);
  const time = (part) => milliseconds(find(new RegExp(`^ *${part}% +(\\S+)`, "m")));
  return { rate: Number(find(/Requests\/sec: +(\S+)/)), p50: time(50), p99: time(99) };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** The same measurement several times, the sides taking turns, so that none has the better part of the run. */
async function inTurns(sides, options) {
  const found = new Map(sides.map(({ name }) => [name, []]));
  for (const { url } of sides) await wrk(url, { seconds: 1 });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, url } of sides) found.get(name).push(await wrk(url, options));
  }
  const middle = (runs, what) => median(runs.map((one) => one[what]));
  const rows = [...found].map(([name, runs]) => [
    name,
    { rate: middle(runs, "rate"), p50: middle(runs, "p50"), p99: middle(runs, "p99") },
  ]);
  return Object.fromEntries(rows);
}

/** Megabytes that a process has in memory. */
function resident(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

/** As many page loads at once against a proxy that remembers nothing yet: calls that the simulator got. */
async function pageLoads(count, page, simulator) {
  const calls = async () => Object.values((await (await fetch(`${simulator}/_simulator/state`)).json()).calls);
  const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);
  const before = sum(await calls());
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const read = (path) =>
    new Promise((resolve, reject) => {
      const answered = (response) => response.resume().on("end", () => resolve(response.statusCode));
      request(page + path, { agent }, answered).on("error", reject).end();
    });
  const loads = Array.from({ length: count }, () => PAGE_LOAD).flat();
  const statuses = await Promise.all(loads.map(read));
  agent.destroy();
  const good = statuses.filter((status) => status === 200).length;
  return { requests: loads.length, distinct: PAGE_LOAD.length, good, calls: sum(await calls()) - before };
}

const servers = await start();
let results;
try {
  const { simulator, nginx, passThrough, cached } = servers;
  const loads = await pageLoads(1000, cached.address, simulator.address);
  const direct = { name: "simulator itself", url: simulator.address + servers.signed };
  const sides = [
    { name: "nginx", url: nginx.address + servers.signed },
    { name: "pass-through", url: passThrough.address + READ },
    { name: "cached", url: cached.address + READ },
  ];
  const full = await inTurns([direct, ...sides]);
  // Half of what the pass-through can do, from each side alike.
  const pause = Math.round((CONNECTIONS / (full["pass-through"].rate / 2)) * 1000);
  const half = await inTurns([direct, ...sides], { pause });
  // wrk waits by whole milliseconds, so those requests come in bursts. A connection for each of its threads, with no pause,
  // is about as much load, and an even one.
  const even = await inTurns([direct, ...sides], { connections: 2 });
  // A thousand connections, each with a request now and then; the memory is looked at while they are open.
  const crowd = wrk(passThrough.address + READ, { connections: 1000, seconds: SHORT ? 4 : 8, pause: 1000 });
  await new Promise((done) => setTimeout(done, SHORT ? 3000 : 6000));
  const memory = resident(passThrough.pid);
  await crowd;
  results = { loads, full, half, even, memory };
} finally {
  await servers.stop();
}

const { loads, full, half, even, memory } = results;
const ratio = (name) => full[name].rate / full.nginx.rate;
const added = (load, name) => load[name].p99 - load["simulator itself"].p99;
const now = {
  passThrough: ratio("pass-through"),
  cached: ratio("cached"),
  p99AddedMs: added(half, "pass-through"),
  p99AddedEvenlyMs: added(even, "pass-through"),
  memoryMb: memory,
  callsOfThousandPageLoads: loads.calls,
};

const cells = (name, { rate, p50, p99 }) =>
  [name.padEnd(18), rate.toFixed(0).padStart(10), p50.toFixed(2).padStart(9), p99.toFixed(2).padStart(9)].join(" ");
const head = ["".padEnd(18), "requests/s".padStart(10), "p50 ms".padStart(9), "p99 ms".padStart(9)].join(" ");
console.log(`\n${cpus().length} cores, ${CONNECTIONS} connections, median of ${ROUNDS} runs of ${SECONDS} s each`);
console.log(`\nas fast as it goes\n${head}`);
for (const [name, row] of Object.entries(full)) console.log(cells(name, row));
console.log(`\nat half of the pass-through's rate, in bursts of a millisecond\n${head}`);
for (const [name, row] of Object.entries(half)) console.log(cells(name, row));
console.log(`\ntwo connections, one request after the other\n${head}`);
for (const [name, row] of Object.entries(even)) console.log(cells(name, row));

const baseline = (() => {
  try {
    return JSON.parse(readFileSync(BASELINE, "utf8"));
  } catch {
    return {};
  }
})();
const line = (what, value, before, aim) =>
  console.log([what.padEnd(44), value.padStart(9), (before ?? "-").padStart(9), aim].join("  "));
console.log();
line("", "now", "baseline", "aim");
line("pass-through / nginx", now.passThrough.toFixed(2), baseline.passThrough?.toFixed(2), "≥ 0.70");
line("cached / nginx", now.cached.toFixed(2), baseline.cached?.toFixed(2), "≥ 1.30");
line("p99 that the pass-through adds, in bursts, ms", now.p99AddedMs.toFixed(2), baseline.p99AddedMs?.toFixed(2), "< 1");
line("(nginx adds, ms)", added(half, "nginx").toFixed(2), undefined, "");
const part = Math.round((even["pass-through"].rate / full["pass-through"].rate) * 100);
const evenly = `p99 that it adds evenly at ${part} % load, ms`;
line(evenly, now.p99AddedEvenlyMs.toFixed(2), baseline.p99AddedEvenlyMs?.toFixed(2), "< 1");
line("(nginx adds, ms)", added(even, "nginx").toFixed(2), undefined, "");
line("resident with 1,000 open connections, MB", now.memoryMb.toFixed(1), baseline.memoryMb?.toFixed(1), "< 40");
const loadsDone = `calls for ${loads.requests} reads of 1,000 page loads`;
const before = baseline.callsOfThousandPageLoads?.toString();
line(loadsDone, String(loads.calls), before, `≤ ${loads.distinct}`);
if (loads.good !== loads.requests) console.log(`${loads.requests - loads.good} of them were not answered with 200`);
if (process.env.SAVE === "1") {
  const rounded = Object.entries(now).map(([name, value]) => [name, Math.round(value * 100) / 100]);
  writeFileSync(BASELINE, `${JSON.stringify({ cores: cpus().length, ...Object.fromEntries(rounded) }, null, 2)}\n`);
}
