// The page: what the person enters, and what they see of their node.

import { Relay, type State } from "./relay.ts";
import * as settings from "./settings.ts";
import { text, type Language, type TextKey } from "./text.ts";

const mostLines = 50;

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const field = (id: string) => byId<HTMLInputElement>(id);

// In AI Studio the name below is replaced by the app's own key; elsewhere it does not exist.
declare const process: { env: { API_KEY?: string } };
function builtInKey(): string {
  try {
    return process.env.API_KEY ?? "";
  } catch {
    return "";
  }
}

const kept = settings.load(sessionStorage, localStorage);
const key = builtInKey();
const language = (): Language =>
  kept.language || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
const say = (name: TextKey, values?: Record<string, string | number>) =>
  text(language(), name, values);

let state: State = "off";
let stateText: () => string = () => say("off");
let served = 0;
let failed = 0;
let nodes: number | undefined;
let wakeLock: WakeLockSentinel | undefined;

function log(line: string): void {
  const list = byId<HTMLOListElement>("log");
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString(language() === "zh" ? "zh-CN" : "en-GB");
  item.append(time, " ", line);
  list.prepend(item);
  while (list.children.length > mostLines) list.lastChild?.remove();
}

function show(): void {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = say(element.dataset["text"] as TextKey);
  }
  byId("key-hint").hidden = !key;
  byId("state").textContent = stateText();
  byId("state").dataset["state"] = state;
  byId("toggle").textContent = say(state === "off" ? "connect" : "disconnect");
  byId("nodes").textContent = nodes === undefined ? "–" : String(nodes);
  byId("running").textContent = String(relay.running);
  byId("served").textContent = String(served);
  byId("failed").textContent = String(failed);
  byId("buffer-value").textContent = `${kept.buffer} ${say("milliseconds")}`;
}

function showState(next: State, said: () => string): void {
  if (next !== state || next === "waiting") log(said());
  state = next;
  stateText = said;
  if (next !== "connected") nodes = undefined;
  void keepAwake();
  show();
}

const relay = new Relay(
  {
    state(next, detail) {
      const { code, reason = "", seconds = 0 } = detail ?? {};
      const closed = () => say("refused", { code: code ?? 0, reason });
      if (code !== undefined && reason && next !== "off") log(closed());
      const said = () =>
        reason === "address"
          ? say("badAddress")
          : next === "off" && code !== undefined
            ? closed()
            : say(next, { seconds });
      showState(next, said);
    },
    nodes(count) {
      nodes = count;
      show();
    },
    began: show,
    ended(outcome, milliseconds) {
      if (outcome.status === 200) served++;
      else failed++;
      log(`${outcome.label} → ${outcome.status} (${(milliseconds / 1000).toFixed(1)} s)`);
      show();
    },
  },
  {
    open: (address, protocols) => new WebSocket(address, protocols),
    fetch: (...request) => fetch(...request),
    now: () => performance.now(),
    random: Math.random,
    bufferInterval: () => kept.buffer,
  },
);

function read(): void {
  kept.address = field("address").value.trim();
  kept.token = field("token").value.trim();
  kept.key = field("key").value.trim();
  kept.baseUrl = field("base-url").value.trim();
  kept.name = field("name").value.trim();
  kept.buffer = Number(field("buffer").value);
  kept.remember = field("remember").checked;
  kept.awake = field("awake").checked;
  settings.save(kept, sessionStorage, localStorage);
}

function write(): void {
  field("address").value = kept.address;
  field("token").value = kept.token;
  field("key").value = kept.key;
  field("base-url").value = kept.baseUrl;
  field("name").value = kept.name;
  field("buffer").value = String(kept.buffer);
  field("remember").checked = kept.remember;
  field("awake").checked = kept.awake;
}

function connect(): void {
  const address = settings.cleanAddress(kept.address);
  const problem: TextKey | undefined = !address
    ? "badAddress"
    : !settings.isToken(kept.token)
      ? "badToken"
      : !(kept.key || key)
        ? "needKey"
        : undefined;
  if (problem) {
    showState("off", () => say(problem));
    return;
  }
  served = failed = 0;
  relay.start({
    address,
    token: kept.token,
    name: kept.name,
    gemini: { baseUrl: settings.cleanBaseUrl(kept.baseUrl), key: kept.key || key },
  });
}

// Browsers take the lock away when the page is hidden; it is asked for anew when it is back.
async function keepAwake(): Promise<void> {
  const wanted = kept.awake && state === "connected" && document.visibilityState === "visible";
  if (!wanted) {
    const lock = wakeLock;
    wakeLock = undefined;
    await lock?.release().catch(() => {});
    return;
  }
  if (wakeLock && !wakeLock.released) return;
  try {
    wakeLock = await navigator.wakeLock.request("screen");
  } catch {
    if (!byId("awake").dataset["told"]) log(say("noWakeLock"));
    byId("awake").dataset["told"] = "yes";
  }
}

// A link from the relay's operator may bring the token; what stands behind "#" is sent to no
// server, and must not stay in the history.
function takeFragment(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("token")) kept.token = given.get("token") ?? "";
  if (given.has("relay")) kept.address = given.get("relay") ?? "";
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}

takeFragment();
kept.address ||= settings.ownRelay(location.href);
write();
show();

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  read();
  if (state === "off") connect();
  else relay.stop();
});
byId("form").addEventListener("input", () => {
  read();
  show();
  void keepAwake();
});
byId("language").addEventListener("click", () => {
  kept.language = language() === "zh" ? "en" : "zh";
  settings.save(kept, sessionStorage, localStorage);
  show();
});
document.addEventListener("visibilitychange", () => {
  void keepAwake();
  if (document.visibilityState === "visible") relay.hurry();
});
addEventListener("online", () => relay.hurry());
// As it was before the page was loaded anew; and at once where nothing is left to be entered.
if (kept.address && (kept.key || key)) connect();
