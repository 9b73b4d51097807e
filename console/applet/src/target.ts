// What a relay may have this page ask of Gemini. Of a path nothing is passed on that was not
// understood, so that the key opens models and nothing else.

export interface Target {
  method: "GET" | "POST";
  path: string; // "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
  stream: boolean; // the answer is wanted in chunks
  allPages: boolean; // the list of models, from its first page to its last
  label: string; // for the log
}

const actions = [
  "generateContent",
  "streamGenerateContent",
  "countTokens",
  "embedContent",
  "batchEmbedContents",
];

// `method` may be empty: the first relays sent none, and meant POST. Whatever stood in front
// of "/v1beta/" goes. Nothing: it is not for nodes.
export function readTarget(method: string, pathAndQuery: string): Target | undefined {
  const [path = "", query = ""] = split(pathAndQuery, "?");
  const found =
    /(?:^.*?(\/v1beta)|^(\/v1alpha|\/v1))\/(models|tunedModels)(?:\/([A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}))?(?::([A-Za-z]+))?$/.exec(
      path,
    );
  if (!found) return undefined;
  const [, beta, other, kind = "", name, action] = found;
  const base = `${beta ?? other}/${kind}`;
  if (method === "GET") {
    if (action) return undefined;
    if (name) return { ...plain("GET", `${base}/${name}`), label: `${kind}/${name}` };
    const pages = new URLSearchParams();
    const asked = new URLSearchParams(query);
    for (const parameter of ["pageSize", "pageToken"]) {
      const value = asked.get(parameter);
      if (value) pages.set(parameter, value);
    }
    const text = pages.toString();
    return { ...plain("GET", base + (text && `?${text}`)), allPages: !text, label: kind };
  }
  if ((method && method !== "POST") || !name || !action || !actions.includes(action)) {
    return undefined;
  }
  const stream = action === "streamGenerateContent";
  return {
    ...plain("POST", `${base}/${name}:${action}${stream ? "?alt=sse" : ""}`),
    stream,
    label: `${action} ${name}`,
  };
}

// One page of a list; an empty token: the first.
export function pagePath(target: Target, token: string): string {
  const query = new URLSearchParams({ pageSize: "1000" });
  if (token) query.set("pageToken", token);
  return `${target.path}?${query}`;
}

function plain(method: "GET" | "POST", path: string): Target {
  return { method, path, stream: false, allPages: false, label: path };
}

function split(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
