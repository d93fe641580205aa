// A server in front that has the proxy below a path, beside whatever else is on the host: it keeps the path of requests, or
// strips it.
import { createServer, request as ask, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class PathProxy {
  readonly #server: Server;
  readonly #path: string;
  readonly #strips: boolean;
  /** The origin of the proxy behind it. */
  behind = "";
  /** What was asked outside of the path. */
  readonly elsewhere: string[] = [];

  private constructor(server: Server, path: string, strips: boolean) {
    this.#server = server;
    this.#path = path;
    this.#strips = strips;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Where the page is, without a slash at its end. */
  get address(): string {
    return `${this.origin}${this.#path}`;
  }

  static async start(path: string, strips: boolean): Promise<PathProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const front = new PathProxy(server, path, strips);
    server.on("request", (request, response) => {
      const url = request.url ?? "/";
      if (!url.startsWith(`${path}/`)) {
        front.elsewhere.push(url);
        response.writeHead(404).end();
        return;
      }
      const { hostname, port } = new URL(front.behind);
      const { method, headers } = request;
      const passed = ask({ hostname, port, method, headers, path: front.#strips ? url.slice(path.length) : url }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      response.on("close", () => passed.destroy());
      request.pipe(passed);
    });
    return front;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
