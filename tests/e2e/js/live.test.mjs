// Live sessions from Node: the @google/genai package, and `ws` as a plain peer.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { GoogleGenAI, Modality } from "@google/genai";
import WebSocket from "ws";
import { clearFaults, fault, MODEL, TOKEN, URL_ } from "./gateway.mjs";

const PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const ai = new GoogleGenAI({ apiKey: TOKEN, httpOptions: { baseUrl: URL_, apiVersion: "v1beta" } });

beforeEach(clearFaults);

// What the callbacks of a session get, as promises.
function inbox() {
  const messages = [];
  const waiting = [];
  const give = (item) => (waiting.length ? waiting.shift()(item) : messages.push(item));
  const next = () =>
    messages.length ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve));
  return {
    next,
    callbacks: {
      onmessage: (message) => give({ message }),
      onclose: (event) => give({ closed: event }),
      onerror: (error) => give({ error }),
    },
    async turn() {
      let text = "";
      for (;;) {
        const { message, closed, error } = await next();
        if (!message) throw new Error(`closed: ${closed?.code} ${closed?.reason} ${error?.message ?? ""}`);
        for (const part of message.serverContent?.modelTurn?.parts ?? []) text += part.text ?? "";
        if (message.serverContent?.turnComplete) return { text, usage: message.usageMetadata };
      }
    },
  };
}

const open = (box, config = {}, model = MODEL) =>
  ai.live.connect({ model, config: { responseModalities: [Modality.TEXT], ...config }, callbacks: box.callbacks });

test("text, twice", async () => {
  const box = inbox();
  const session = await open(box);
  for (const said of ["Hello there.", "And again."]) {
    session.sendClientContent({ turns: "exactly: " + said });
    const { text, usage } = await box.turn();
    assert.equal(text, said);
    assert.ok(usage.totalTokenCount > 0);
  }
  session.close();
});

test("sound in", async () => {
  const box = inbox();
  const session = await open(box);
  for (let i = 0; i < 10; i += 1) {
    const data = Buffer.alloc(1280).toString("base64");
    session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } });
  }
  session.sendRealtimeInput({ audioStreamEnd: true });
  assert.match((await box.turn()).text, /12800 bytes/);
  session.close();
});

test("tools there and back", async () => {
  const box = inbox();
  const tools = [{ functionDeclarations: [{ name: "get_weather", parameters: { type: "OBJECT", properties: {} } }] }];
  const session = await open(box, { tools });
  session.sendClientContent({ turns: "What is the weather in Paris?" });
  let calls;
  for (let done = false; !done; ) {
    const { message } = await box.next();
    calls ??= message.toolCall?.functionCalls;
    done = message.serverContent?.turnComplete;
  }
  assert.equal(calls[0].name, "get_weather");
  session.sendToolResponse({
    functionResponses: [{ id: calls[0].id, name: calls[0].name, response: { sky: "blue" } }],
  });
  assert.match((await box.turn()).text, /blue/);
  session.close();
});

test("several sessions at once", async () => {
  await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const box = inbox();
      const session = await open(box);
      session.sendRealtimeInput({ text: `exactly: Session ${i}.` });
      assert.equal((await box.turn()).text, `Session ${i}.`);
      session.close();
    }),
  );
});

test("the upstream's close keeps its code", async () => {
  await fault("live-close");
  const box = inbox();
  const session = await open(box);
  session.sendClientContent({ turns: "Tell me a long story." });
  await assert.rejects(box.turn(), /closed: 1011 Internal error encountered/);
});

// npm's `ws`, which checks masks, UTF-8, fragments and close codes of its peer.
const socket = (path = `${PATH}?key=${TOKEN}`, options = {}) =>
  new WebSocket(URL_.replace("http", "ws") + path, options);
const event = (ws, name) => new Promise((resolve) => ws.once(name, (...values) => resolve(values)));

test("ws: pings, fragments and a close of its own", async () => {
  const ws = socket();
  await event(ws, "open");
  assert.equal(ws.extensions, "");
  ws.ping("are you there");
  assert.equal(String((await event(ws, "pong"))[0]), "are you there");
  const setup = JSON.stringify({ setup: { model: `models/${MODEL}` } });
  ws.send(setup.slice(0, 9), { fin: false });
  ws.ping();
  ws.send(setup.slice(9), { fin: true });
  const [data, binary] = await event(ws, "message");
  assert.ok(binary);
  assert.deepEqual(JSON.parse(data), { setupComplete: {} });
  ws.close(4000, "enough");
  assert.deepEqual((await event(ws, "close")).map(String), ["4000", "enough"]);
});

test("ws: refused before the upgrade", async () => {
  const [, answer] = await event(socket(PATH), "unexpected-response");
  assert.equal(answer.statusCode, 401);
});
