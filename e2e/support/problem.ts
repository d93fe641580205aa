// A refusal as the proxy gives it, for tests that answer in its place. What lacks a member is none to the page, which then takes
// the outcome for unknown.

/** How a route is fulfilled with a problem of this status and code; nothing went to the cloud. */
export function problem(status: number, code: string, more: { field?: string; retry_after?: number } = {}) {
  const json = { type: `urn:deskbuy:problem:${code}`, title: code, status, code, outcome: "not_sent", ...more };
  return { status, contentType: "application/problem+json", body: JSON.stringify(json) };
}
