// The connection to a relay: kept up while it is wanted, with a job for each request that
// comes over it.

import { Backoff } from "./backoff.ts";
import { run, type Gemini, type Outcome } from "./job.ts";
import { failureMessage, readMessage, type Request } from "./message.ts";

export type State = "off" | "connecting" | "connected" | "waiting";

export interface Target {
  address: string; // "wss://host/ws"
  token: string; // empty: none is presented
  name: string;
  gemini: Gemini;
}

// What is told while it goes on. `detail` never holds a secret.
export interface Watch {
  state(state: State, detail?: { code?: number; reason?: string; seconds?: number }): void;
  nodes(count: number): void;
  began(): void;
  ended(outcome: Outcome, milliseconds: number): void;
}

export interface Surroundings {
  open: (address: string, protocols: string[]) => WebSocket;
  fetch: typeof fetch;
  now: () => number;
  random: () => number;
  bufferInterval: () => number;
}

const mostRequests = 64; // at a time; what comes beyond is refused
const mostWaiting = 1 << 20; // bytes that the browser may hold for the relay before we read on
const pingEvery = 30_000;
const silence = 150_000; // of a relay that answers pings; browsers slow timers of hidden pages
const refused = 1008; // policy violation (RFC 6455 section 7.4.1)
const good = 30_000; // a connection that has held for so long was a good one

export class Relay {
  readonly #watch: Watch;
  readonly #around: Surroundings;
  readonly #backoff: Backoff;
  readonly #jobs = new Map<string, AbortController>();
  #target: Target | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;

  constructor(watch: Watch, around: Surroundings) {
    this.#watch = watch;
    this.#around = around;
    this.#backoff = new Backoff(500, 60_000, around.random);
  }

  get running(): number {
    return this.#jobs.size;
  }

  start(target: Target): void {
    this.stop();
    this.#target = target;
    this.#backoff.reset();
    this.#connect();
  }

  stop(): void {
    this.#target = undefined;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#leave();
    socket?.close(1000);
    this.#watch.state("off");
  }

  // The network is back, or the page was woken: no reason to wait any longer.
  hurry(): void {
    if (!this.#target || this.#socket) return;
    clearTimeout(this.#timer);
    this.#backoff.reset();
    this.#connect();
  }

  #connect(): void {
    const target = this.#target;
    if (!target) return;
    this.#watch.state("connecting");
    let socket: WebSocket;
    try {
      const url = new URL(target.address);
      if (target.name) url.searchParams.set("name", target.name);
      const protocols = target.token ? ["wasat.relay", `wasat.token.${target.token}`] : [];
      socket = this.#around.open(url.href, protocols);
    } catch {
      // Not an address, or one that this page may not use: trying again mends nothing.
      this.#target = undefined;
      this.#watch.state("off", { reason: "address" });
      return;
    }
    this.#socket = socket;
    let opened = -1;
    let heard = 0;
    let answers = false;
    socket.onopen = () => {
      opened = heard = this.#around.now();
      this.#watch.state("connected");
      this.#pings = setInterval(() => {
        if (answers && this.#around.now() - heard > silence) return socket.close();
        socket.send("ping");
      }, pingEvery);
    };
    socket.onmessage = (event) => {
      heard = this.#around.now();
      const text = String(event.data);
      if (text === "pong") answers = true;
      else this.#take(socket, target.gemini, text);
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#leave();
      const held = opened >= 0 && this.#around.now() - opened > good;
      if (event.code === refused && !held) {
        // Trying again mends neither a wrong token nor a closed door.
        this.#target = undefined;
        this.#watch.state("off", { code: event.code, reason: event.reason });
        return;
      }
      if (held) this.#backoff.reset();
      const delay = this.#backoff.next();
      this.#watch.state("waiting", {
        code: event.code,
        reason: event.reason,
        seconds: Math.ceil(delay / 1000),
      });
      this.#timer = setTimeout(() => this.#connect(), delay);
    };
  }

  // The connection is no longer ours: what ran on it ends.
  #leave(): void {
    clearInterval(this.#pings);
    this.#socket = undefined;
    for (const job of this.#jobs.values()) job.abort();
    this.#jobs.clear();
  }

  #take(socket: WebSocket, gemini: Gemini, text: string): void {
    const message = readMessage(text);
    if (message.kind === "nodes") this.#watch.nodes(message.count);
    if (message.kind === "cancel") this.#jobs.get(message.id)?.abort();
    if (message.kind === "request") void this.#work(socket, gemini, message);
  }

  async #work(socket: WebSocket, gemini: Gemini, request: Request): Promise<void> {
    if (this.#jobs.has(request.id)) return; // an id that is in use: one of the two must go
    if (this.#jobs.size >= mostRequests) {
      const error = "this node has as many requests as it takes";
      socket.send(failureMessage(request.id, { status: 503, error }, false));
      return;
    }
    const job = new AbortController();
    this.#jobs.set(request.id, job);
    this.#watch.began();
    const started = this.#around.now();
    const outcome = await run(
      request,
      {
        fetch: this.#around.fetch,
        gemini,
        bufferInterval: this.#around.bufferInterval,
        send: (message) => this.#send(socket, message),
      },
      job.signal,
    );
    if (this.#jobs.get(request.id) === job) this.#jobs.delete(request.id);
    this.#watch.ended(outcome, this.#around.now() - started);
  }

  // Pages are not told when a socket has room again: they must look.
  async #send(socket: WebSocket, message: string): Promise<void> {
    if (socket.readyState !== 1) return;
    socket.send(message);
    while (socket.readyState === 1 && socket.bufferedAmount > mostWaiting) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
