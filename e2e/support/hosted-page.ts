// The page on a web server that knows nothing of the proxy, as on a bucket or a content network: files, a header, and in
// the page's head the proxy's origin.
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.env["DESKBUY_PAGE"] ?? fileURLToPath(new URL("../../dist", import.meta.url));

const TYPES: Record<string, string> = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
};

export class HostedPage {
  readonly #server: Server;
  readonly origin: string;
  /** The proxy's origin, as it is set in the page. */
  proxy = "";

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<HostedPage> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const hosted = new HostedPage(server);
    server.on("request", (request, response) => {
      const { pathname } = new URL(request.url ?? "/", hosted.origin);
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      try {
        let file = readFileSync(join(folder, name));
        if (name === "index.html") file = Buffer.from(hosted.#told(file.toString()));
        // The proxy's own policy, and one origin more to talk to.
        const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; "
          + `connect-src 'self' ${hosted.proxy}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
        response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "", "content-security-policy": policy });
        response.end(file);
      } catch {
        response.writeHead(404).end();
      }
    });
    return hosted;
  }

  #told(page: string): string {
    const told = page.replace(/<meta [^>]*deskbuy-api[^>]*>/, `<meta name="deskbuy-api" content="${this.proxy}">`);
    if (!told.includes(`"${this.proxy}"`)) throw new Error("the page has no place for the proxy's origin");
    return told;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
