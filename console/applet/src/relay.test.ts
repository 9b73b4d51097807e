import assert from "node:assert/strict";
import test from "node:test";
import { Relay, type State, type Surroundings } from "./relay.ts";

class FakeSocket {
  readyState = 0;
  bufferedAmount = 0;
  sent: string[] = [];
  onopen: () => void = () => {};
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (event: { code: number; reason: string }) => void = () => {};
  readonly address: string;
  readonly protocols: string[];
  constructor(address: string, protocols: string[]) {
    this.address = address;
    this.protocols = protocols;
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.lose(1000);
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  lose(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
  hear(message: unknown) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const target = {
  address: "wss://relay.example/ws",
  token: "node-token",
  name: "my attic",
  gemini: { baseUrl: "https://g", key: "AIza" },
};

function start(fetching: typeof fetch = async () => new Response("{}")) {
  const sockets: FakeSocket[] = [];
  const states: [State, object | undefined][] = [];
  const outcomes: number[] = [];
  let now = 0;
  const around: Surroundings = {
    open: (address, protocols) => {
      sockets.push(new FakeSocket(address, protocols));
      return sockets.at(-1) as unknown as WebSocket;
    },
    fetch: fetching,
    now: () => now,
    random: () => 1,
    bufferInterval: () => 0,
  };
  const relay = new Relay(
    {
      state: (state, detail) => void states.push([state, detail]),
      nodes: () => {},
      began: () => {},
      ended: (outcome) => void outcomes.push(outcome.status),
    },
    around,
  );
  relay.start(target);
  return { relay, sockets, states, outcomes, pass: (time: number) => (now += time) };
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
const ask = (id: string) => ({ id, path: "/v1beta/models/m:generateContent", body: {} });

test("the token goes as a subprotocol, the name in the address", () => {
  const { relay, sockets } = start();
  assert.equal(sockets[0]!.address, "wss://relay.example/ws?name=my+attic");
  assert.deepEqual(sockets[0]!.protocols, ["wasat.relay", "wasat.token.node-token"]);
  relay.stop();
});

test("a connection that is lost is made again, after growing waits", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { relay, sockets, states } = start();
  sockets[0]!.open();
  sockets[0]!.lose(1012, "restart");
  assert.deepEqual(states.at(-1), ["waiting", { code: 1012, reason: "restart", seconds: 1 }]);
  context.mock.timers.tick(499);
  assert.equal(sockets.length, 1);
  context.mock.timers.tick(1);
  assert.equal(sockets.length, 2);
  sockets[1]!.lose();
  context.mock.timers.tick(999);
  assert.equal(sockets.length, 2);
  context.mock.timers.tick(1);
  assert.equal(sockets.length, 3);
  relay.stop();
  context.mock.timers.tick(100_000);
  assert.equal(sockets.length, 3);
  assert.equal(states.at(-1)![0], "off");
});

test("the network's return cuts the wait short", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { relay, sockets } = start();
  sockets[0]!.lose();
  relay.hurry();
  relay.hurry();
  assert.equal(sockets.length, 2);
  relay.stop();
});

test("a relay that answered pings and fell silent is left", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { relay, sockets, states, pass } = start();
  sockets[0]!.open();
  context.mock.timers.tick(30_000);
  assert.deepEqual(sockets[0]!.sent, ["ping"]);
  sockets[0]!.onmessage({ data: "pong" });
  pass(200_000);
  context.mock.timers.tick(30_000);
  assert.equal(states.at(-1)![0], "waiting");
  relay.stop();
});

test("a relay that never answers pings is not", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { relay, sockets, states, pass } = start();
  sockets[0]!.open();
  pass(500_000);
  context.mock.timers.tick(60_000);
  assert.equal(states.at(-1)![0], "connected");
  relay.stop();
});

test("a cancel ends one request, a lost connection all of them", async () => {
  const signals: AbortSignal[] = [];
  const fetching = (_: unknown, init?: RequestInit) => {
    signals.push(init!.signal!);
    return new Promise<Response>((_resolve, reject) =>
      init!.signal!.addEventListener("abort", () => reject(new Error("aborted"))),
    );
  };
  const { relay, sockets, outcomes } = start(fetching as typeof fetch);
  sockets[0]!.open();
  for (const id of ["1", "2", "3"]) sockets[0]!.hear(ask(id));
  sockets[0]!.hear({ type: "cancel", id: "2" });
  sockets[0]!.hear({ type: "cancel", id: "unknown" });
  await settle();
  assert.deepEqual(signals.map((signal) => signal.aborted), [false, true, false]);
  assert.equal(relay.running, 2);
  sockets[0]!.lose();
  await settle();
  assert.deepEqual(outcomes, [499, 499, 499]);
  assert.deepEqual(sockets[0]!.sent, []);
  relay.stop();
});

test("what is too many is refused at once", async () => {
  const { relay, sockets } = start((() => new Promise(() => {})) as typeof fetch);
  sockets[0]!.open();
  for (let id = 0; id <= 64; id++) sockets[0]!.hear(ask(String(id)));
  assert.equal(sockets[0]!.sent.length, 1);
  const refusal = JSON.parse(sockets[0]!.sent[0]!) as { id: string; status: number };
  assert.deepEqual([refusal.id, refusal.status], ["64", 503]);
  relay.stop();
});

test("a relay that turns it away is not asked again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { sockets, states } = start();
  sockets[0]!.open();
  sockets[0]!.lose(1008, "unknown token");
  assert.deepEqual(states.at(-1), ["off", { code: 1008, reason: "unknown token" }]);
  context.mock.timers.tick(100_000);
  assert.equal(sockets.length, 1);
});

test("an address that browsers refuse is not tried again", () => {
  const { relay, states } = start();
  relay.start({ ...target, address: "no address" });
  assert.deepEqual(states.at(-1), ["off", { reason: "address" }]);
});
