// The answers that the document hints at (proxy/src/http/document): they are received and read while the app's module is on its way,
// so that it has them at once. Each is given once, and none after the first view: what is asked later wants a later answer.
import { api } from "./session.js";

/** What comes before each address in a hint (HINT in shared/src/reads.rs). */
const HINT = "./api/";
/** How long one may take, in milliseconds, as in api.rs. */
const DEADLINE = 30_000;

const answers = new Map();

async function receive(address) {
  const options = { credentials: "include", headers: { accept: "application/json" }, signal: AbortSignal.timeout(DEADLINE) };
  const response = await fetch(address, options);
  return [response, await response.text()];
}

/** Receives what the document hints at, to the letter as the app would ask for it. */
export function receiveFirstAnswers() {
  for (const link of document.querySelectorAll(`link[rel=preload][href^="${HINT}"]`)) {
    const address = `${api}/api/${link.getAttribute("href").slice(HINT.length)}`;
    const answer = receive(address);
    // What went wrong is of interest only to who asks for it.
    answer.catch(() => undefined);
    answers.set(address, answer);
  }
}

/** The promise of the response at an address and its text; nothing where the app has to ask by itself. */
export function takeFirstAnswer(address) {
  const answer = answers.get(address);
  answers.delete(address);
  return answer;
}

export const forgetFirstAnswers = () => answers.clear();
