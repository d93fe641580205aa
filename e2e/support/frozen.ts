// A page on which nothing differs from run to run: the clock stands still, and what the proxy tells of times and of the
// identifiers of requests is put in fixed terms on its way to the page.
import type { Page, Route } from "@playwright/test";

/** The time on such a page: 2026-03-02 09:30 in China. */
const NOW = Date.parse("2026-03-02T09:30:00+08:00");
const REQUEST = "00000000-0000-4000-8000-000000000000";

/** Members of answers that hold a moment, in milliseconds since 1970 UTC. */
const MOMENTS = new Set(["at", "created_at", "updated_at", "released_at"]);
/** Members of answers that name a request. */
const REQUESTS = new Set(["request_id", "upstream_request_id"]);

function fixed(name: string, value: unknown): unknown {
  if (MOMENTS.has(name) && typeof value === "number") return NOW;
  // Of an answer that was remembered, in seconds.
  if (name === "age") return 0;
  if (REQUESTS.has(name) && typeof value === "string") return REQUEST;
  if (typeof value === "object" && value !== null && "valid_until" in value) return lasting(value as Lasting);
  return value;
}

/** A desktop of a subscription. */
interface Lasting {
  period: number;
  renewed_months: number;
  valid_until: number;
}

/** The same, bought now. */
function lasting(desktop: Lasting): Lasting {
  const end = new Date(NOW);
  end.setUTCMonth(end.getUTCMonth() + desktop.period + desktop.renewed_months);
  return { ...desktop, valid_until: end.getTime() };
}

async function freezeAnswer(route: Route): Promise<void> {
  const response = await route.fetch();
  const body = await response.text();
  const isJson = /\bjson\b/.test(response.headers()["content-type"] ?? "");
  await route.fulfill({ response, body: isJson ? JSON.stringify(JSON.parse(body, fixed)) : body });
}

/** Makes a page such a page; to be called before it is opened. */
export async function freeze(page: Page): Promise<void> {
  await page.clock.setFixedTime(NOW);
  // All but the stream of news, which has no end that could be waited for.
  await page.route(/\/api\/(?!orders\/events)/, freezeAnswer);
}
