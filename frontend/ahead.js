// Asks for the answers that the purchase begins with while its module is on the way, so that the module finds them there
// when it starts. What is asked for here and never taken is forgotten, not kept for a later question.
//
// Only what costs next to nothing is asked for: a directory of users can be larger than the module, and would hold it up.
const answers = new Map();

/** The answer to a question asked ahead, and its text; once, since who asks again wants a newer one. For `api.rs`. */
globalThis.deskbuyAhead = (address) => {
  const answer = answers.get(address);
  answers.delete(address);
  return answer;
};

/** An answer with all of its text, so that taking it up takes no time, in which a list on its way would be drawn. */
async function whole(address) {
  const answer = await fetch(address, { credentials: "include", headers: { accept: "application/json" } });
  const text = await answer.text();
  // The first sum of money that a browser writes takes it as long as all the rest of a form: while nobody waits.
  const [, currency] = /"currency":"(\w+)"/.exec(text) ?? [];
  if (currency) new Intl.NumberFormat(language(), { style: "currency", currency });
  return [answer, text];
}

/** As in `language.rs`. */
export function language() {
  let kept;
  try {
    kept = localStorage.getItem("deskbuy.language");
  } catch {
    // Forbidden, so nothing is kept.
  }
  const tag = [kept, ...navigator.languages].find((tag) => /^(zh|en)/i.test(tag ?? ""));
  return /^zh/i.test(tag ?? "") ? "zh-cn" : "en-us";
}

/** As in `shared/src/link.rs`, as far as it matters here. */
function region() {
  try {
    const [request, other] = new URLSearchParams(location.search).getAll("request");
    const { region } = JSON.parse(request);
    return typeof region === "string" && other === undefined ? region.trim() : "";
  } catch {
    return "";
  }
}

/**
 * Asks the proxy what the module of `buy` will ask first. The addresses are those that it builds, to the letter. Gives the
 * answers that the list of types needs, if there is a region to have types.
 */
export function askAhead(api) {
  const ask = (target) => {
    const address = `${api}/api/${target}`;
    const answer = whole(address);
    // Whoever takes it learns of a failure; one that nobody takes is no failure.
    answer.catch(() => undefined);
    answers.set(address, answer);
    return answer;
  };
  const at = region();
  const of = `RegionId=${encodeURIComponent(at)}`;
  const list = at ? [`DescribeDesktopTypeItems?${of}`, `prices?${of}`].map(ask) : undefined;
  ask("DescribeRegions");
  if (at) [`DescribeDesktopOwner?${of}`, `DescribeZones?AcceptLanguage=${language()}&${of}`].forEach(ask);
  return list;
}

/** To be called when the module has asked all that it asks at once. */
export function forgetAhead() {
  answers.clear();
}
