// A server between browser and proxy that counts the requests of each address: what a browser itself reports of requests
// differs between browsers, and not all that it tells of was sent.
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Counted {
  readonly #server: Server;
  readonly origin: string;
  /** How often each address was asked for, with its method. */
  readonly requests = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** In front of the proxy at an origin. */
  static async start(proxy: string): Promise<Counted> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const counted = new Counted(server);
    server.on("request", (asked, answer) => {
      const name = `${asked.method} ${asked.url}`;
      counted.requests.set(name, (counted.requests.get(name) ?? 0) + 1);
      const passed = request(`${proxy}${asked.url}`, { method: asked.method, headers: asked.headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      answer.on("close", () => passed.destroy());
      asked.pipe(passed);
    });
    return counted;
  }

  /** What was read of the API, by its address after `/api/`, and how often. */
  reads(): Record<string, number> {
    const reads = [...this.requests].filter(([name]) => name.startsWith("GET /api/"));
    return Object.fromEntries(reads.map(([name, times]) => [name.slice("GET /api/".length), times]));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
