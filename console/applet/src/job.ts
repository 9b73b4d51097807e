// One request of a relay, from its message to the last word of its answer. Nothing is tried
// again here: that is for the relay, which knows other nodes.

import { EventSplitter } from "./sse.ts";
import {
  batchMessage,
  endMessage,
  failureMessage,
  payloadMessage,
  type Failure,
  type Request,
} from "./message.ts";
import { pagePath, readTarget, type Target } from "./target.ts";

export interface Gemini {
  baseUrl: string; // without "/" at its end
  key: string;
}

export interface Means {
  fetch: typeof fetch;
  gemini: Gemini;
  bufferInterval: () => number; // milliseconds; 0: chunks go as they come
  // Resolves when the relay's connection takes more.
  send: (message: string) => Promise<void>;
}

export interface Outcome {
  label: string;
  status: number; // HTTP
}

class Refused extends Error {
  readonly failure: Failure;
  constructor(status: number, error: string, retryAfter?: string) {
    super(error);
    this.failure = { status, error, retryAfter };
  }
}

const mostPages = 100;

// Never throws. An abort of `signal` ends it, and then it says nothing more.
export async function run(request: Request, means: Means, signal: AbortSignal): Promise<Outcome> {
  const target = readTarget(request.method, request.path);
  const label = target?.label ?? "?";
  try {
    if (!target) {
      const path = request.path.split("?")[0]?.slice(0, 200);
      throw new Refused(404, `Unsupported API endpoint: ${path}`);
    }
    if (target.stream) {
      await stream(request, target, means, signal);
    } else {
      const payload = target.allPages
        ? await list(target, means, signal)
        : await whole(await ask(target, target.path, request.body, means, signal));
      if (!signal.aborted) await means.send(payloadMessage(request.id, payload));
    }
    return { label, status: signal.aborted ? 499 : 200 };
  } catch (error) {
    const failure = failureOf(error);
    if (signal.aborted) return { label, status: 499 };
    await means.send(failureMessage(request.id, failure, target?.stream ?? false));
    return { label, status: failure.status };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Refused) return error.failure;
  // Browsers tell pages no more about what went wrong on the network.
  return { status: 502, error: "the node could not reach Gemini, or its answer broke off" };
}

async function ask(
  target: Target,
  path: string,
  body: string,
  means: Means,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { "x-goog-api-key": means.gemini.key };
  const init: RequestInit = {
    method: target.method,
    headers,
    signal,
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  };
  if (target.method === "POST") {
    headers["Content-Type"] = "application/json";
    init.body = body || "{}";
  }
  const answer = await means.fetch(means.gemini.baseUrl + path, init);
  if (answer.status !== 200) {
    const text = await answer.text().catch(() => "");
    throw new Refused(
      answer.status,
      text.slice(0, 65_536) || `HTTP status ${answer.status}`,
      answer.headers.get("retry-after") ?? undefined,
    );
  }
  return answer;
}

async function whole(answer: Response): Promise<string> {
  const text = await answer.text();
  parse(text);
  return text;
}

// One list, as the first nodes made it.
async function list(target: Target, means: Means, signal: AbortSignal): Promise<string> {
  const models: unknown[] = [];
  let token = "";
  for (let page = 0; page < mostPages; page++) {
    const answer = await ask(target, pagePath(target, token), "", means, signal);
    const read = parse(await answer.text()) as { models?: unknown[]; nextPageToken?: string };
    models.push(...(read.models ?? []));
    token = read.nextPageToken ?? "";
    if (!token) break;
  }
  return JSON.stringify({ models });
}

async function stream(
  request: Request,
  target: Target,
  means: Means,
  signal: AbortSignal,
): Promise<void> {
  const answer = await ask(target, target.path, request.body, means, signal);
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream") || !answer.body) {
    throw new Refused(502, "the upstream's answer is no stream of events");
  }
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  const splitter = new EventSplitter();
  let waiting: string[] = [];
  let since = Date.now();
  const flush = async () => {
    if (waiting.length === 0 || signal.aborted) return;
    const chunks = waiting;
    waiting = [];
    await means.send(batchMessage(request.id, chunks));
  };
  let pending = reader.read();
  for (;;) {
    const interval = means.bufferInterval();
    // What waits for company goes when its time is up, whether more comes or not.
    const due = waiting.length > 0 ? Math.max(0, since + interval - Date.now()) : undefined;
    const piece = await firstOf(pending, due);
    if (!piece) {
      await flush();
      continue;
    }
    const events = piece.done
      ? [...splitter.feed(decoder.decode()), ...splitter.end()]
      : splitter.feed(decoder.decode(piece.value, { stream: true }));
    for (const event of events) {
      const refused = refusalIn(event);
      if (refused) {
        await flush();
        void reader.cancel().catch(() => {});
        throw refused;
      }
      if (waiting.length === 0) since = Date.now();
      waiting.push(event);
    }
    if (piece.done || interval === 0) await flush();
    if (piece.done) break;
    pending = reader.read();
  }
  if (!signal.aborted) await means.send(endMessage(request.id));
}

// Nothing: the time was up first.
async function firstOf<T>(pending: Promise<T>, milliseconds?: number): Promise<T | undefined> {
  if (milliseconds === undefined) return pending;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const time = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([pending, time]);
  } finally {
    clearTimeout(timer);
  }
}

// An error object that came in place of a chunk.
function refusalIn(event: string): Refused | undefined {
  const read = parse(event);
  const told = (Array.isArray(read) ? read[0] : read) as { error?: { code?: unknown } } | null;
  if (!told?.error) return undefined;
  return new Refused(Number(told.error.code) || 500, event.slice(0, 65_536));
}

// What a relay splices into its own answers must be JSON, whatever a proxy in between made of
// Gemini's.
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(502, "the upstream's answer is no JSON");
  }
}
