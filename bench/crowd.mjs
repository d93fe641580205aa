// `make crowd`: everybody at once, for a bounded time. Anonymous floods, a viewer's searches and streams, a buyer's flood, idle
// connections; meanwhile another buyer orders and a probe asks for /live. Prints a table, and fails if one of
// these waits too long or the proxy takes too much memory. SECONDS=N for another time, DESKBUY=path for another build.
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SECONDS = Number(process.env.SECONDS ?? 20);
const program = (name) => new URL(`../target/release/${name}`, import.meta.url).pathname;
const DESKBUY = process.env.DESKBUY ?? program("deskbuy");
const SIMULATOR = process.env.SIMULATOR ?? program("simulator");
/** What must hold: milliseconds for all but one request in a hundred, and megabytes. */
const LIMITS = { order: 1_000, live: 500, memory: 300 };
/** How many of each there are at once. */
const CROWD = { anonymous: 48, searches: 40, lists: 16, batches: 8, streams: 200, idle: 400 };
/** Who is there, by the tokens that they come with. */
const PEOPLE = { viewer: "look", flooder: "buy", buyer: "buy" };

const folder = mkdtempSync(join(tmpdir(), "deskbuy-crowd-"));
const children = [];
async function started(command, args, line, env = {}) {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  for await (const text of createInterface({ input: child.stdout })) {
    const address = line.exec(text)?.[1];
    if (address) {
      child.stdout.resume();
      return { pid: child.pid, origin: new URL(address).origin };
    }
  }
  throw new Error(`${command} did not start`);
}

/** The proxy with sign-in, whose people come with tokens, so that no provider is needed. */
async function start() {
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const simulator = await started(SIMULATOR, ["--listen", "127.0.0.1:0", "--access-key", "demo-id:demo-secret"], /(http:\S+)/);
  const tokens = Object.entries(PEOPLE).map(([name, rights]) => {
    return { name, rights, sha256: createHash("sha256").update(name).digest("hex"), expires: "2099-01-01T00:00:00Z" };
  });
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const flags = [
    ["--listen", "127.0.0.1:0", "--admin-listen", `127.0.0.1:${port}`, "--log", "error", "--page", folder],
    ["--endpoint-clouddesktop", simulator.origin, "--endpoint-vpc", simulator.origin],
    ["--database-url", `sqlite://${folder}/orders.sqlite`],
    ["--oidc-issuer", "http://127.0.0.1:9", "--oidc-client-id", "crowd", "--buyers", "*"],
    ["--session-key-file", file("key", "a key of more than thirty-two characters\n")],
    ["--api-tokens-file", file("tokens.json", JSON.stringify(tokens))],
    // A flood that a limit of a day would end at once tries nothing.
    ["--buyer-daily-limit", "0"],
  ].flat();
  const key = { ALIBABA_CLOUD_ACCESS_KEY_ID: "demo-id", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "demo-secret" };
  const proxy = await started(DESKBUY, ["serve", ...flags], /^deskbuy: page (http\S+)/, key);
  return { proxy, admin: `http://127.0.0.1:${port}` };
}

/** A kind of request: how often it was answered with what, and how long that took, in milliseconds. */
class Row {
  times = [];
  statuses = {};

  add(status, time) {
    this.times.push(time);
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  part(share) {
    return this.times.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(this.times.length * share) - 1)] ?? 0;
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
function ask(row, url, { method = "GET", as, body, headers = {} } = {}) {
  const began = performance.now();
  return new Promise((done) => {
    const end = (status) => {
      row.add(status, performance.now() - began);
      done();
    };
    const all = { ...headers, ...(as ? { authorization: `Bearer ${as}` } : {}), ...(body ? { "content-type": "application/json" } : {}) };
    const asked = request(url, { method, agent, headers: all }, (answer) => answer.resume().on("end", () => end(answer.statusCode)));
    asked.on("error", () => end("broken"));
    asked.end(body);
  });
}

const orders = (count) =>
  JSON.stringify({
    operations: Array.from({ length: count }, () => ({
      Action: "CreateDesktop", RegionId: "cn-hangzhou", ClientToken: randomUUID(), TypeItemId: "desktop.n1.small",
      ChargeType: "POSTPAY", VpcId: "vpc-bp1desk0000000000001", ZoneId: "cn-hangzhou-b",
      VSwitchId: "vsw-bp1desk0000000000001", ImageId: "m-bp1sys0000000000000001", ImageType: "default",
      UserName: "zhang.san", UserGroup: "Users",
    })),
  });

async function crowd({ proxy: { origin, pid }, admin }) {
  const rows = Object.fromEntries(["order", "live", "anonymous", "searches", "lists", "batches", "streams"].map((name) => [name, new Row()]));
  const until = performance.now() + SECONDS * 1_000;
  const isOver = () => performance.now() >= until;
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  /** So many who do it one time after the other. */
  const many = (count, once) =>
    Array.from({ length: count }, async (_, index) => {
      while (!isOver()) await once(index);
    });

  const idle = Array.from({ length: CROWD.idle }, () => connect(new URL(origin).port, "127.0.0.1").on("error", () => undefined));
  const streams = Array.from({ length: CROWD.streams }, () => {
    const began = performance.now();
    const asked = request(`${origin}/api/orders/events`, { headers: { authorization: "Bearer viewer" } }, (answer) => {
      rows.streams.add(answer.statusCode, performance.now() - began);
      answer.resume().on("error", () => undefined);
    });
    asked.on("error", () => undefined).end();
    return asked;
  });
  let memory = 0;
  const anonymous = ["/login/callback?state=x", "/api/orders", "/login?return=/", "/", "/api/session", `/${"a".repeat(300)}`];
  await Promise.all([
    ...many(CROWD.anonymous, (index) => ask(rows.anonymous, origin + anonymous[index % anonymous.length])),
    ...many(CROWD.searches, () => ask(rows.searches, `${origin}/api/desktops?q=zzzz&released=true`, { as: "viewer" })),
    ...many(CROWD.lists, () => {
      const users = `${origin}/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou`;
      return ask(rows.lists, users, { as: "viewer", headers: { "accept-encoding": "br" } });
    }),
    ...many(CROWD.batches, () => ask(rows.batches, `${origin}/api/orders`, { method: "POST", as: "flooder", body: orders(100) })),
    ...many(1, async () => {
      await ask(rows.order, `${origin}/api/orders`, { method: "POST", as: "buyer", body: orders(1) });
      await pause(200);
    }),
    ...many(1, async () => {
      await ask(rows.live, `${admin}/live`);
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      memory = Math.max(memory, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      await pause(100);
    }),
  ]);
  for (const one of [...idle, ...streams]) one.destroy();
  agent.destroy();
  return { rows, memory };
}

const found = await (async () => {
  try {
    return await crowd(await start());
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
})();

const NAMES = {
  order: "another buyer's order, accepted", live: "/live", anonymous: "anonymous floods", searches: "a viewer's searches",
  lists: "a viewer's lists of users, br", batches: "a buyer's orders of 100", streams: "a viewer's streams",
};
const cells = (...texts) => console.log(texts.map((text, at) => (at === 0 ? String(text).padEnd(34) : String(text).padStart(9))).join(""));
console.log(`\n${cpus().length} cores, ${SECONDS} s, ${CROWD.idle} idle connections beside\n`);
cells("", "times", "p50 ms", "p99 ms", "longest", "limit", "  answers");
for (const [name, row] of Object.entries(found.rows)) {
  const answers = Object.entries(row.statuses).map(([status, count]) => `${status}: ${count}`).join(", ");
  const times = [row.part(0.5), row.part(0.99), row.part(1)].map((time) => time.toFixed(0));
  cells(NAMES[name], row.times.length, ...times, LIMITS[name] ?? "", `  ${answers}`);
}
cells("resident memory, MB", "", "", "", found.memory.toFixed(0), LIMITS.memory);

const { order, live } = found.rows;
const failures = [
  order.times.length === 0 || order.statuses[202] !== order.times.length ? "another buyer's orders were not all accepted" : "",
  order.part(0.99) > LIMITS.order ? "another buyer's orders waited too long" : "",
  live.statuses[200] !== live.times.length ? "/live was not always answered" : "",
  live.part(0.99) > LIMITS.live ? "/live waited too long" : "",
  found.memory > LIMITS.memory ? "the proxy took too much memory" : "",
].filter(Boolean);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
