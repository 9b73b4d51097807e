// What the person has entered. For as long as the tab lives it is kept in the tab alone;
// beyond that only when they ask for it.

export interface Settings {
  address: string;
  token: string;
  key: string;
  baseUrl: string;
  name: string;
  buffer: number; // milliseconds
  remember: boolean;
  awake: boolean;
  language: "" | "en" | "zh"; // empty: the browser's
}

const place = "wasat.applet";
export const google = "https://generativelanguage.googleapis.com";

export const defaults: Settings = {
  address: "",
  token: "",
  key: "",
  baseUrl: google,
  name: "",
  buffer: 0,
  remember: false,
  awake: true,
  language: "",
};

export function load(session: Storage, local: Storage): Settings {
  for (const storage of [session, local]) {
    try {
      const kept = JSON.parse(storage.getItem(place) ?? "null") as Partial<Settings> | null;
      if (kept) return { ...defaults, ...kept };
    } catch {
      // Somebody else's, or damaged: as if nothing were kept.
    }
  }
  return { ...defaults };
}

export function save(settings: Settings, session: Storage, local: Storage): void {
  const kept = JSON.stringify(settings);
  try {
    session.setItem(place, kept);
    if (settings.remember) local.setItem(place, kept);
    else local.removeItem(place);
  } catch {
    // A browser that keeps nothing: the page works all the same.
  }
}

// Where a relay that serves this page has its WebSocket; empty: this page came from elsewhere.
export function ownRelay(page: string): string {
  const url = new URL(page);
  if (!/^https?:$/.test(url.protocol) || !/\/applet\/$/.test(url.pathname)) return "";
  const relay = new URL("../ws", url);
  relay.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  relay.hash = relay.search = "";
  return relay.href;
}

// "wss://host" is "wss://host/ws". Empty: it cannot be used.
export function cleanAddress(address: string): string {
  try {
    const url = new URL(address.trim());
    if (url.protocol !== "wss:" && url.protocol !== "ws:") return "";
    if (url.pathname === "/") url.pathname = "/ws";
    url.hash = "";
    return url.href;
  } catch {
    return "";
  }
}

// Without what the paths bring themselves.
export function cleanBaseUrl(url: string): string {
  return url.trim().replace(/\/+$/, "").replace(/\/v1(beta|alpha)?$/, "") || google;
}

// As a WebSocket's subprotocol it must be an HTTP token.
export const isToken = (token: string) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]*$/.test(token);
