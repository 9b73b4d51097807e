// The members of a JSON object as they stand in the text.
//
// A relay's message holds the body of a client's request, of up to 512 MiB. It goes on as it
// was written: parsed and written anew, large numbers lose digits and names change their order.

// For each name of the outermost object: its value's text. Nothing: the text is no object.
// What lies within a value is not checked; whoever uses it does that.
export function members(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== "{") return undefined;
  at = skipSpace(text, at + 1);
  if (text[at] === "}") return found;
  for (;;) {
    if (text[at] !== '"') return undefined;
    const nameEnd = skipString(text, at);
    if (nameEnd < 0) return undefined;
    const name = text.slice(at, nameEnd);
    at = skipSpace(text, nameEnd);
    if (text[at] !== ":") return undefined;
    at = skipSpace(text, at + 1);
    const end = skipValue(text, at);
    if (end <= at) return undefined;
    try {
      found.set(JSON.parse(name) as string, text.slice(at, end));
    } catch {
      return undefined;
    }
    at = skipSpace(text, end);
    if (text[at] === "}") return found;
    if (text[at] !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  return at;
}

// Behind the closing quote; -1: there is none.
function skipString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return end + 1;
  }
  return -1;
}

// Behind the value; -1: it does not end.
function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at);
  if (text[at] !== "{" && text[at] !== "[") {
    while (at < text.length && !",}] \t\r\n".includes(text[at]!)) at++;
    return at;
  }
  let depth = 0;
  while (at >= 0 && at < text.length) {
    const c = text[at];
    if (c === '"') {
      at = skipString(text, at);
      continue;
    }
    if (c === "{" || c === "[") depth++;
    if (c === "}" || c === "]") depth--;
    at++;
    if (depth === 0) return at;
  }
  return -1;
}
