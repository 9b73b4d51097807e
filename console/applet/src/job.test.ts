import assert from "node:assert/strict";
import test from "node:test";
import { run, type Means } from "./job.ts";

const request = (method: string, action = "", body = "{}") => ({
  kind: "request" as const,
  id: "1",
  method,
  path: `/v1beta/models/m${action}`,
  body,
});

interface Asked {
  url: string;
  init: RequestInit;
}

function means(answer: (asked: Asked) => Response | Promise<Response>, interval = 0) {
  const said: Record<string, unknown>[] = [];
  const asked: Asked[] = [];
  const all: Means = {
    fetch: async (url, init) => {
      asked.push({ url: String(url), init: init ?? {} });
      return answer(asked.at(-1)!);
    },
    gemini: { baseUrl: "https://g", key: "AIza" },
    bufferInterval: () => interval,
    send: async (message) => void said.push(JSON.parse(message) as Record<string, unknown>),
  };
  return { all, said, asked };
}

const never = new AbortController().signal;

// A stream whose pieces the test gives.
function events() {
  let give: (piece: string | undefined) => void = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      give = (piece) =>
        piece === undefined ? controller.close() : controller.enqueue(new TextEncoder().encode(piece));
    },
  });
  const answer = new Response(body, { headers: { "content-type": "text/event-stream" } });
  return { answer, give };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

// Turns of the loop, not time: some tests hold the clock.
async function until(probe: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (probe()) return;
    await settle();
  }
  throw new Error("it did not come about");
}

test("a body goes out as it was written, with the key in a header", async () => {
  const { all, said, asked } = means(() => new Response('{"ok":1.0}'));
  const body = '{"n":1.0,"big":12345678901234567890}';
  const outcome = await run(request("POST", ":generateContent", body), all, never);
  assert.equal(outcome.status, 200);
  assert.equal(asked[0]!.url, "https://g/v1beta/models/m:generateContent");
  assert.equal(asked[0]!.init.body, body);
  assert.equal((asked[0]!.init.headers as Record<string, string>)["x-goog-api-key"], "AIza");
  assert.deepEqual(said, [{ id: "1", success: true, payload: { ok: 1 } }]);
});

test("a refusal comes back in Google's words", async () => {
  const refusal = '{"error":{"code":429,"message":"Quota"}}';
  const { all, said } = means(() => new Response(refusal, { status: 429 }));
  await run(request("POST", ":generateContent"), all, never);
  assert.deepEqual(said, [{ id: "1", success: false, error: refusal, status: 429 }]);
});

test("a network that fails is told without details", async () => {
  const { all, said } = means(() => Promise.reject(new TypeError("Failed to fetch AIza")));
  await run(request("POST", ":streamGenerateContent"), all, never);
  assert.equal(said[0]!["status"], 502);
  assert.equal(said[0]!["done"], true);
  assert.ok(!JSON.stringify(said).includes("AIza"));
});

test("an answer that is no JSON is not passed on", async () => {
  const { all, said } = means(() => new Response('{},"x":1'));
  await run(request("POST", ":generateContent"), all, never);
  assert.deepEqual([said[0]!["success"], said[0]!["status"]], [false, 502]);
});

test("other paths are refused", async () => {
  const { all, said, asked } = means(() => new Response("{}"));
  await run({ ...request("POST"), path: "/v1beta/files?key=secret" }, all, never);
  assert.equal(said[0]!["error"], "Unsupported API endpoint: /v1beta/files");
  assert.equal(asked.length, 0);
});

test("chunks go while they come, whatever timers do", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] }); // as slow as a hidden page's
  const { answer, give } = events();
  const { all, said } = means(() => answer);
  const running = run(request("POST", ":streamGenerateContent"), all, never);
  give('data: {"a":1}\n\nda');
  await until(() => said.length >= 1);
  assert.deepEqual(said[0]!["chunks"], [{ a: 1 }]);
  give('ta: {"b":2}\n\ndata: {"c":3}\n\n');
  await until(() => said.length >= 2);
  assert.deepEqual(said[1]!["chunks"], [{ b: 2 }, { c: 3 }]);
  give(undefined);
  await running;
  assert.deepEqual(said[2], { id: "1", stream: true, done: true });
});

test("with an interval chunks wait for company, but not for ever", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { answer, give } = events();
  const { all, said } = means(() => answer, 500);
  const running = run(request("POST", ":streamGenerateContent"), all, never);
  give('data: {"a":1}\n\n');
  for (let i = 0; i < 20; i++) await settle();
  give('data: {"b":2}\n\n');
  for (let i = 0; i < 20; i++) await settle();
  assert.equal(said.length, 0);
  context.mock.timers.tick(500);
  await until(() => said.length >= 1);
  assert.deepEqual(said[0]!["chunks"], [{ a: 1 }, { b: 2 }]);
  give('data: {"c":3}\n\n');
  give(undefined);
  await running;
  assert.deepEqual(said.slice(1), [
    { id: "1", stream: true, type: "batch", chunks: [{ c: 3 }] },
    { id: "1", stream: true, done: true },
  ]);
});

test("an error within a stream ends it, and what came before still counts", async () => {
  const { answer, give } = events();
  const { all, said } = means(() => answer, 1_000);
  const running = run(request("POST", ":streamGenerateContent"), all, never);
  const refusal = '{"error":{"code":503}}';
  give(`data: {"a":1}\n\ndata: ${refusal}\n\n`);
  await running;
  assert.deepEqual(said[0]!["chunks"], [{ a: 1 }]);
  assert.deepEqual(said[1], { id: "1", stream: true, error: refusal, status: 503, done: true });
});

test("who is cancelled says nothing more, and its request to Gemini ends", async () => {
  const cancel = new AbortController();
  const { answer, give } = events();
  let signal: AbortSignal | null | undefined;
  const { all, said } = means(({ init }) => {
    signal = init.signal;
    return answer;
  });
  const running = run(request("POST", ":streamGenerateContent"), all, cancel.signal);
  give('data: {"a":1}\n\n');
  await until(() => said.length >= 1);
  cancel.abort();
  assert.ok(signal!.aborted);
  give('data: {"b":2}\n\n');
  give(undefined);
  assert.equal((await running).status, 499);
  assert.equal(said.length, 1);
});

test("what the relay does not take is not read", async () => {
  const { answer, give } = events();
  const { all, said } = means(() => answer);
  let taken = () => {};
  const send = all.send;
  all.send = async (message) => {
    await send(message);
    await new Promise<void>((resolve) => (taken = resolve));
  };
  const running = run(request("POST", ":streamGenerateContent"), all, never);
  give('data: {"a":1}\n\n');
  await until(() => said.length >= 1);
  give('data: {"b":2}\n\n');
  for (let i = 0; i < 50; i++) await settle();
  assert.equal(said.length, 1);
  taken();
  await until(() => said.length >= 2);
  taken();
  give(undefined);
  await until(() => said.length >= 3);
  taken();
  await running;
});
