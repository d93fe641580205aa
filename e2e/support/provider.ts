// A real provider of OpenID Connect (npm `oidc-provider`) with a few people, which on request makes tokens that must not
// be believed. It answers at `localhost`, another site than the proxy's 127.0.0.1, as providers are.
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Page } from "@playwright/test";
import Oidc, { type KoaContextWithOIDC } from "oidc-provider";

/** What the browser says of the provider's own page, which asks for fonts from far away, and of a proxy that stops before it. */
export const PROVIDERS_PAGE = /fonts\.g|\/favicon|net::ERR_(INCOMPLETE|CONNECTION|SOCKET)|Failed to fetch/;

/** The client that the proxy is there. */
export const CLIENT = { id: "deskbuy", secret: "a secret between proxy and provider" };

/** What the provider says of people, by the name that they sign in with. */
const PEOPLE: Record<string, Record<string, unknown>> = {
  ann: { name: "Ann Lee", email: "Ann@example.com", email_verified: true, groups: ["staff", "desktop-buyers"] },
  bea: { name: "Bea", email: "bea@example.com", email_verified: true, groups: ["staff", "desktop-approvers"] },
  vera: { name: "Vera", email: "vera@example.com", email_verified: true, groups: ["staff"] },
  norm: { name: "Norm", email: "norm@elsewhere.example", email_verified: true, groups: [] },
};

/** What can be wrong with a token. */
export type Flaw = "nonce" | "audience" | "issuer" | "expired" | "signature" | "key" | "unsigned";
export const FLAWS: readonly Flaw[] = ["nonce", "audience", "issuer", "expired", "signature", "key", "unsigned"];

const makeKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const stranger = makeKey();

/** The token with a flaw, and otherwise in order. */
function spoil(token: string, flaw: Flaw, privateKey: KeyObject): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const decode = (part = "") => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const [head, body] = token.split(".").slice(0, 2).map(decode);
  const changes: Record<Flaw, object> = {
    nonce: { nonce: "of another sign-in" },
    audience: { aud: "another-client" },
    issuer: { iss: "http://localhost:1" },
    expired: { iat: 1_000, exp: 2_000 },
    signature: {},
    key: {},
    unsigned: {},
  };
  const heads: Partial<Record<Flaw, object>> = { unsigned: { alg: "none" }, key: { kid: "made up" } };
  const header = { ...head, ...heads[flaw] };
  const signed = `${encode(header)}.${encode({ ...body, ...changes[flaw] })}`;
  if (flaw === "unsigned") return `${signed}.`;
  const key = flaw === "signature" || flaw === "key" ? stranger : privateKey;
  return `${signed}.${createSign("sha256").update(signed).sign(key, "base64url")}`;
}

export class Provider {
  readonly #server: Server;
  /** As it calls itself. */
  readonly issuer: string;
  /** The tokens that it gave out. */
  readonly gave: string[] = [];
  /** The last address that a browser was redirected to. */
  asked: string | undefined;
  /** What is wrong with the tokens that it makes. */
  flaw: Flaw | undefined;
  /** The flaw in the claims that it gives of a person. */
  tells: "of another" | "nothing" | undefined;
  /** How often it was asked for its keys. */
  askedForKeys = 0;
  readonly #proxy: string;
  readonly #signsOut: boolean;
  #key = makeKey();
  #answer: RequestListener;

  private constructor(server: Server, proxy: string, signsOut: boolean) {
    this.#server = server;
    this.#proxy = proxy;
    this.#signsOut = signsOut;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    this.#answer = this.#make("one");
    server.on("request", (request, response) => {
      this.#answer(request, response);
    });
  }

  /** Starts one that sends people back to this proxy; `signsOut` says whether it offers to sign people out. */
  static async start(proxy: string, signsOut = false): Promise<Provider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return new Provider(server, proxy, signsOut);
  }

  /** From now on it signs with another key, and no longer shows the one from before. */
  rotateKey(): void {
    this.#key = makeKey();
    this.#answer = this.#make("two");
  }

  /** The provider with a key of this name. What it knows of people and codes is the same for all. */
  #make(kid: string): RequestListener {
    const oidc: Oidc = new Oidc(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [`${this.#proxy}/login/callback`],
          ...(this.#signsOut ? { post_logout_redirect_uris: [`${this.#proxy}/`] } : {}),
        },
      ],
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["name"],
        groups: ["groups"],
      },
      features: { rpInitiatedLogout: { enabled: this.#signsOut } },
      cookies: { keys: ["a key for the provider's own cookies"] },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
      jwks: { keys: [{ ...this.#key.export({ format: "jwk" }), use: "sig", alg: "RS256", kid }] },
      // No consent is asked for.
      async loadExistingGrant(context) {
        const { client, session } = context.oidc;
        const grant = new oidc.Grant({ clientId: client?.clientId ?? "", accountId: session?.accountId ?? "" });
        grant.addOIDCScope("openid email profile groups");
        await grant.save();
        return grant;
      },
      pkce: { required: () => true },
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    });
    oidc.use(async (context: KoaContextWithOIDC, next) => {
      await next();
      if (context.path === "/auth") this.asked = context.href;
      if (context.path === "/jwks") this.askedForKeys += 1;
      const body = context.body as { id_token?: string; access_token?: string; sub?: string } | undefined;
      if (context.path === "/me" && this.tells === "nothing") context.status = 500;
      if (context.path === "/me" && this.tells === "of another" && body) body.sub = "somebody else";
      if (context.path !== "/token" || !body?.id_token) return;
      if (this.flaw) body.id_token = spoil(body.id_token, this.flaw, this.#key);
      this.gave.push(body.id_token, body.access_token ?? "", ...body.id_token.split("."));
    });
    return oidc.callback();
  }

  /** Fills in the provider's form, once the browser is there. */
  async signIn(page: Page, name: string): Promise<void> {
    await page.waitForURL(`${this.issuer}/**`);
    await page.locator("input[name=login]").fill(name);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
  }

  /** Says yes to signing out, once the browser is there. */
  async signOut(page: Page): Promise<void> {
    await page.waitForURL(`${this.issuer}/**`);
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
