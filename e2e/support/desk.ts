// A proxy where people have to sign in, with the simulator behind it and a provider beside it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Installation } from "./installation.ts";
import { CLIENT, Provider } from "./provider.ts";

/** A free port. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Desk {
  readonly installation: Installation;
  readonly provider: Provider;
  readonly #folder: string;

  private constructor(installation: Installation, provider: Provider, folder: string) {
    this.installation = installation;
    this.provider = provider;
    this.#folder = folder;
  }

  /** Where the page is. */
  get origin(): string {
    return this.installation.origin;
  }

  /**
   * Starts all three; `host` is the proxy's name, `flags` are further ones of it, `signsOut` is the provider's;
   * `at` is where people find the proxy, without a slash at its end, if a server is in front. */
  static async start(flags: string[] = [], host = "127.0.0.1", signsOut = false, at?: string): Promise<Desk> {
    const port = await freePort();
    const publicAddress = at ?? `http://${host}:${port}`;
    // The provider has to know where people come back to before the proxy can say where it is.
    const provider = await Provider.start(publicAddress, signsOut);
    const folder = mkdtempSync(join(tmpdir(), "deskbuy-e2e-keys-"));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const installation = new Installation(
      ...["--oidc-issuer", provider.issuer, "--oidc-client-id", CLIENT.id, "--oidc-scopes", "email,profile,groups"],
      ...["--oidc-client-secret-file", file("secret", `${CLIENT.secret}\n`)],
      ...["--session-key-file", file("key", "a key of more than thirty-two characters\n")],
      ...["--buyers", "groups=desktop-buyers", "--viewers", "@example.com"],
      ...["--public-url", publicAddress],
      ...flags,
    );
    installation.origin = `http://127.0.0.1:${port}`;
    await installation.start();
    return new Desk(installation, provider, folder);
  }

  async stop(): Promise<void> {
    await Promise.all([this.installation.stop(), this.provider.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
