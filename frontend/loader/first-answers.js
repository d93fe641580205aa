// The answers that the document hints at (proxy/src/http/document): they are received and read while the app's module is on its way,
// so that it has them at once. Each is given once, and none after the first view: what is asked later wants a later answer.

/** The hints: of all that the document has fetched ahead, what is asked for with cookies. */
const HINTS = "link[rel=preload][as=fetch][crossorigin=use-credentials]";
/** How long one may take, in milliseconds, as in api.rs. */
const DEADLINE = 30_000;

const answers = new Map();

async function receive(address) {
  const options = { credentials: "include", headers: { accept: "application/json" }, signal: AbortSignal.timeout(DEADLINE) };
  const response = await fetch(address, options);
  return [response, await response.text()];
}

export function receiveFirstAnswers() {
  for (const { href } of document.querySelectorAll(HINTS)) {
    const answer = receive(href);
    // What went wrong is of interest only to who asks for it.
    answer.catch(() => undefined);
    answers.set(href, answer);
  }
}

/** The promise of the response at an address and its text; nothing where the app has to ask by itself. */
export function takeFirstAnswer(address) {
  const { href } = new URL(address, document.baseURI);
  const answer = answers.get(href);
  answers.delete(href);
  return answer;
}

export const forgetFirstAnswers = () => answers.clear();
