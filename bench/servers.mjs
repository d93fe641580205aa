// The servers of the benchmark, each on a free port of this machine: a simulator, nginx in front of it, and two proxies
// in front of it, one that asks it each time and one that remembers.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The proxy is what runs in production; the simulator is the same for all sides. */
const PROXY = new URL("../target/dist/deskbuy", import.meta.url).pathname;
const SIMULATOR = new URL("../target/release/simulator", import.meta.url).pathname;
const [ID, SECRET] = ["demo-id", "demo-secret"];

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The read of the benchmark as the cloud gets it, signed now (RPC signature 1.0). */
function signed() {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const parameters = {
    AccessKeyId: ID,
    Action: "DescribeZones",
    Format: "JSON",
    RegionId: "cn-hangzhou",
    SignatureMethod: "HMAC-SHA1",
    SignatureNonce: randomUUID(),
    SignatureVersion: "1.0",
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    Version: "2016-04-28",
  };
  const canonical = Object.entries(parameters).map(([name, value]) => `${name}=${encode(value)}`).join("&");
  const text = `GET&%2F&${encode(canonical)}`;
  const signature = createHmac("sha1", `${SECRET}&`).update(text).digest("base64");
  return `/?${canonical}&Signature=${encode(signature)}`;
}

/** As one would set it up who cares: kept connections to both sides, nothing logged. */
const nginxConfiguration = (folder, port, upstream) => `
daemon off;
worker_processes auto;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream simulator { server ${upstream}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://simulator;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

/** Starts all of them: their addresses and process ids, the signed read, and how to stop. */
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), "deskbuy-bench-"));
  const ends = [];
  const children = [];
  const stop = async () => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(ends);
    rmSync(folder, { recursive: true, force: true });
  };
  const spawned = (command, args, env = {}) => {
    const options = { env: { PATH: `${process.env.PATH}:/usr/sbin`, ...env }, stdio: ["ignore", "pipe", "inherit"] };
    const child = spawn(command, args, options);
    children.push(child);
    ends.push(new Promise((ended) => child.once("close", ended).once("error", ended)));
    return child;
  };
  /** The address in the first line that begins so. */
  const announced = async (child, start) => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith(start)) return line.slice(start.length).trim();
    }
    throw new Error(`the process ended before it said "${start}"`);
  };

  try {
    const flags = ["--listen", "127.0.0.1:0", "--access-key", `${ID}:${SECRET}`, "--allow-replays"];
    const simulator = spawned(SIMULATOR, flags);
    const upstream = await announced(simulator, "simulator: listening on ");

    const beside = async () => {
      const port = await freePort();
      writeFileSync(`${folder}/nginx.conf`, nginxConfiguration(folder, port, new URL(upstream).host));
      const nginx = spawned("nginx", ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", "stderr"]);
      await listening(port);
      return { address: `http://127.0.0.1:${port}`, pid: nginx.pid };
    };
    const proxy = async (name, flags) => {
      const endpoints = ["--endpoint-clouddesktop", upstream, "--endpoint-vpc", upstream];
      const listen = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
      const log = ["--log", "warn"];
      // One caller is all people here.
      const unlimited = ["--rate-limit", "0", "--user-rate-limit", "0"];
      const kept = ["--database-url", `sqlite://${folder}/${name}.sqlite`, "--page", folder];
      const key = { ALIBABA_CLOUD_ACCESS_KEY_ID: ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET: SECRET };
      const args = ["serve", ...listen, ...log, ...endpoints, ...unlimited, ...kept, ...flags];
      const child = spawned(PROXY, args, key);
      const page = await announced(child, "deskbuy: page ");
      return { address: new URL(page).origin, pid: child.pid };
    };
    return {
      simulator: { address: upstream, pid: simulator.pid },
      nginx: await beside(),
      passThrough: await proxy("pass-through", ["--cache", "0"]),
      cached: await proxy("cached", []),
      signed: signed(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Comes when somebody listens there. */
async function listening(port) {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 25));
    }
  }
  throw new Error("nginx does not listen");
}
