// What the proxy does all day, for the compiler to see where the time goes (tools/proxy.sh): pages and their lists, asked for
// anew and remembered, orders up to where they end, and what is refused. `node bench/train.mjs PROGRAM FOLDER` leaves what
// the program has counted in the folder.
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { Agent, request } from "node:http";
import { PAGE_LOAD } from "./page-load.mjs";
import { start } from "./servers.mjs";

const [program, profiles] = process.argv.slice(2);
const page = new URL("../dist", import.meta.url).pathname;
/** People at once, and the times that each of them does it all. */
const [PEOPLE, TIMES] = [16, 60];

const agent = new Agent({ keepAlive: true, maxSockets: PEOPLE });

/** Asks, and throws where the answer is another than expected: what is learned from a mistake is worth nothing. */
function ask(url, { expected = 200, method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: { "accept-encoding": "br", ...headers } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part)).on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode === expected) resolve(text);
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
      });
    });
    sent.on("error", reject).end(body);
  });
}

const FILES = ["", ...readdirSync(page).filter((name) => !/\.(br|gz|html)$/.test(name))];
/** What the proxy tells by itself. */
const OWN_READS = [
  "/api/session",
  "/api/prices?RegionId=cn-hangzhou",
  "/api/stock?RegionId=cn-hangzhou&ChargeType=POSTPAY",
];
const REFUSED = {
  "/api/DescribeEverything": 404,
  "/api/DescribeZones": 400,
  "/api/DescribeZones?RegionId=cn-hangzhou&Other=1": 400,
  "/nothing/here": 404,
};

/** A purchase, and where it stands until it has ended. */
async function buy(address) {
  const token = randomUUID();
  const operation = {
    Action: "CreateDesktop", RegionId: "cn-hangzhou", ClientToken: token, TypeItemId: "desktop.n1.small",
    ChargeType: "POSTPAY", VpcId: "vpc-bp1desk0000000000001", ZoneId: "cn-hangzhou-b", VSwitchId: "vsw-bp1desk0000000000001",
    ImageId: "m-bp1sys0000000000000001", ImageType: "default", UserName: "zhang.san", UserGroup: "Users",
  };
  const body = JSON.stringify({ operations: [operation] });
  const headers = { "content-type": "application/json", origin: address, "content-length": Buffer.byteLength(body) };
  await ask(`${address}/api/orders`, { expected: 202, method: "POST", headers, body });
  for (;;) {
    const { state } = JSON.parse(await ask(`${address}/api/orders/${token}`, { headers: { "accept-encoding": "identity" } }));
    if (state === "placed") return;
    if (state === "rejected") throw new Error(`order ${token} was rejected`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function person(address) {
  for (let time = 0; time < TIMES; time += 1) {
    for (const file of FILES) await ask(`${address}/${file}`);
    for (const read of OWN_READS) await ask(address + read);
    // Reads are most of what there is, and each of them is as good as another.
    for (let again = 0; again < 5; again += 1) {
      for (const read of PAGE_LOAD) await ask(address + read);
    }
    // The network has 251 addresses, and each desktop takes one.
    if (time % 10 === 0) await buy(address);
    await ask(`${address}/api/orders?limit=50`);
    for (const [path, expected] of Object.entries(REFUSED)) await ask(address + path, { expected });
  }
}

const servers = await start({ program, page, profiles });
try {
  for (const { address } of [servers.passThrough, servers.cached]) {
    await Promise.all(Array.from({ length: PEOPLE }, () => person(address)));
  }
} finally {
  agent.destroy();
  await servers.stop();
}
