// Who is there: asks the proxy, sends people away to sign in, and signs them out. Asked beside the fetch of the module, so that
// nobody who has to sign in waits for the app.
import { fail } from "./fatal.js";

/** The proxy's address, without a slash at its end; the page's own folder where the proxy serves it. */
export const api = new URL(document.querySelector('meta[name="deskbuy-api"]').content, document.baseURI).href.replace(/\/$/, "");
const credentials = "include";

/** How long the proxy may take for that, in milliseconds. The app is mounted then, and tells what cannot be reached. */
const DEADLINE = 10_000;

/** What the proxy says of itself and the person. While the proxy cannot be reached, the app says so by itself. */
export const session = fetch(`${api}/api/session`, { credentials, signal: AbortSignal.timeout(DEADLINE) })
  .then((answer) => (answer.ok ? answer.json() : {}))
  .catch(() => ({}));

/** What names in storage end with: several installations may share an origin (`own` in storage.rs). */
const FOLDER = location.pathname.replace(/^\/$/, "");

// Set from when somebody is sent away to sign in until it has succeeded: whoever comes back without, or has signed out,
// is asked and not sent away again and again.
const ASK = `deskbuy.sign-in${FOLDER}`;

function remember(ask) {
  try {
    const asked = sessionStorage.getItem(ASK);
    if (ask) sessionStorage.setItem(ASK, "1");
    else sessionStorage.removeItem(ASK);
    return asked;
  } catch {
    return "1";
  }
}

/** Whether the person may use the page. A person who has to sign in first is redirected, or asked to. */
export function mayUse({ sign_in, user }) {
  const must = sign_in && !user;
  const asked = remember(must);
  if (must && asked) document.getElementById("sign-in").hidden = false;
  else if (must) signIn();
  return !must;
}

// The address goes along, hash and all, which the proxy would not see otherwise: one comes back to it.
function signIn() {
  const { pathname, search, hash, href, origin } = location;
  const back = new URL(api).origin === origin ? pathname + search + hash : href;
  location.assign(`${api}/login?return=${encodeURIComponent(back)}`);
}

/**
 * Removes the users that were picked or listed: they are not for the next person in this window. Writes without an answer stay,
 * so that none is sent again unasked.
 */
function forgetUsers() {
  try {
    for (const name of ["deskbuy.users", "deskbuy.user_list", "deskbuy.fields"]) sessionStorage.removeItem(name + FOLDER);
  } catch {
    // Storage is forbidden, so nothing is there.
  }
}

async function signOut() {
  const answer = await fetch(`${api}/logout`, { method: "POST", credentials, signal: AbortSignal.timeout(DEADLINE) });
  if (!answer.ok) throw new Error(`sign-out: ${answer.status}`);
  // Where the provider signs people out as well; it sends them back here.
  const { provider } = answer.status === 200 ? await answer.json() : {};
  forgetUsers();
  remember(true);
  if (provider) location.assign(provider);
  else location.reload();
}

// The buttons are the document's and the app's.
addEventListener(
  "click",
  ({ target }) => {
    if (target.closest?.("[data-sign-in]")) signIn();
    else if (target.closest?.("[data-sign-out]")) signOut().catch(fail);
  },
  { capture: true },
);
