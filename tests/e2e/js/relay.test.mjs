// The page at /applet as a gateway's only credential: every dialect passes through a browser.

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { fill, openPage, startBrowser, state } from "./browser.mjs";
import { ask, clearFaults, fault, MODEL, poll, requests, script } from "./gateway.mjs";

const TOKEN = "sk-e2e-relay-client-0123456789";
const NODE_TOKEN = "node-e2e-page-0123456789abcdef";
const KEY = "AIza-e2e-page-key-0123456789";
const simulator = process.env.SIMULATOR_URL;

let browser;
let relay;
let page;
const folder = mkdtempSync(path.join(tmpdir(), "wasat-relay-"));

// A gateway that has nothing but relay nodes.
async function startGateway(port) {
  const arguments_ = ["serve", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
  const gateway = spawn(process.env.WASAT_BINARY, arguments_, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      WASAT_DATA_DIR: path.join(folder, "data"),
      ALLOWED_TOKENS: TOKEN,
      RELAY_TOKENS: NODE_TOKEN,
      AUTH_TOKEN: "e2e-admin-password-0123456789",
      GEMINI_BASE_URL: "http://127.0.0.1:9",
    },
  });
  let said = "";
  gateway.stdout.on("data", (data) => (said += data));
  gateway.stderr.on("data", (data) => (said += data));
  await poll(() => {
    if (gateway.exitCode !== null) throw new Error(said);
    return said.includes("wasat: listening on");
  }, 60);
  const url = /listening on (http:\/\/\S+)/.exec(said)[1];
  const nodes = async () => (await (await fetch(url)).json()).nodes;
  const stop = async () => {
    const ended = new Promise((resolve) => gateway.once("exit", resolve));
    gateway.kill("SIGTERM");
    assert.equal(await ended, 0, said);
  };
  return { url, port: new URL(url).port, nodes, stop };
}

before(async () => {
  browser = await startBrowser();
  relay = await startGateway(0);
  page = await openPage(browser, `${relay.url}/applet/#token=${NODE_TOKEN}`);
  await fill(page, { key: KEY, "base-url": simulator, name: "Küche 1" });
  await page.locator("#toggle").click();
  await canServe();
});

// The relay tells its nodes how many they are once they can serve.
const canServe = () => poll(async () => (await page.locator("#nodes").textContent()) === "1", 30);

after(async () => {
  await browser?.close();
  await relay?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const openai = () => new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: relay.url, apiKey: TOKEN, maxRetries: 0 });
const google = () => new GoogleGenAI({ apiKey: TOKEN, httpOptions: { baseUrl: relay.url } });

async function joined(parts, text) {
  let all = "";
  for await (const part of parts) all += text(part) ?? "";
  return all;
}

const dialects = {
  "chat completions": async (text) => {
    const asked = { model: MODEL, messages: ask(text) };
    const chat = openai().chat.completions;
    const stream = await chat.create({ ...asked, stream: true });
    return [
      (await chat.create(asked)).choices[0].message.content,
      await joined(stream, (chunk) => chunk.choices[0]?.delta.content),
    ];
  },
  responses: async (text) => {
    const asked = { model: MODEL, input: text };
    const stream = await openai().responses.create({ ...asked, stream: true });
    return [
      (await openai().responses.create(asked)).output_text,
      await joined(stream, (event) => event.type === "response.output_text.delta" && event.delta || ""),
    ];
  },
  messages: async (text) => {
    const asked = { model: MODEL, max_tokens: 4096, messages: ask(text) };
    const words = (message) => message.content.map((block) => block.text ?? "").join("");
    return [
      words(await anthropic().messages.create(asked)),
      words(await anthropic().messages.stream(asked).finalMessage()),
    ];
  },
  "Gemini's own": async (text) => {
    const asked = { model: MODEL, contents: text };
    const stream = await google().models.generateContentStream(asked);
    return [
      (await google().models.generateContent(asked)).text,
      await joined(stream, (chunk) => chunk.text),
    ];
  },
};

for (const [name, answers] of Object.entries(dialects)) {
  test(`through a browser: ${name}`, async () => {
    const text = `How are you, ${name}?`;
    await script(text, [{ parts: [{ text: "Quite well." }] }]);
    assert.deepEqual(await answers(text), ["Quite well.", "Quite well."]);
    assert.deepEqual(page.troubles, []);
  });
}

// The first applet renamed what looked like snake case, down to the parameters of tools.
test("the names in a tool's schema stay as they are", async () => {
  const parameters = {
    type: "object",
    properties: { user_id: { type: "string" }, inline_data: { type: "string" }, mimeType: { type: "string" } },
    required: ["user_id", "mimeType"],
  };
  const name = "find_user_by_id";
  const functionDeclarations = [{ name, description: "Finds.", parametersJsonSchema: parameters }];
  const said = { user_id: "u_1", inline_data: "x_y", mimeType: "a" };
  await script("Find u_1.", [{ parts: [{ functionCall: { name, args: said } }] }]);
  const asked = { model: MODEL, contents: "Find u_1.", config: { tools: [{ functionDeclarations }] } };
  const answer = await google().models.generateContent(asked);
  assert.deepEqual(answer.functionCalls[0].args, said);
  const seen = async () => {
    const { body } = (await requests()).at(-1);
    return (typeof body === "string" ? JSON.parse(body) : body).tools[0].functionDeclarations[0];
  };
  assert.deepEqual((await seen()).parametersJsonSchema, parameters);
  for await (const chunk of await google().models.generateContentStream(asked)) assert.ok(chunk);
  assert.deepEqual((await seen()).parametersJsonSchema, parameters);
  const chat = await openai().chat.completions.create({
    model: MODEL,
    messages: ask("Find u_1."),
    tools: [{ type: "function", function: { name, parameters } }],
  });
  const [call] = chat.choices[0].message.tool_calls;
  assert.deepEqual(JSON.parse(call.function.arguments), said);
  assert.equal((await seen()).name, name);
  assert.deepEqual(page.troubles, []);
});

test("one model", async () => {
  assert.equal((await openai().models.retrieve(MODEL)).id, MODEL);
  assert.equal((await google().models.get({ model: MODEL })).name, `models/${MODEL}`);
});

test("embeddings, counting and the list of models", async () => {
  const embedded = await google().models.embedContent({
    model: "gemini-embedding-001",
    contents: ["one", "two"],
  });
  assert.equal(embedded.embeddings.length, 2);
  const counted = await google().models.countTokens({ model: MODEL, contents: "Hello" });
  assert.ok(counted.totalTokens > 0);
  const models = await openai().models.list();
  assert.ok(models.data.some((model) => model.id === MODEL));
});

test("a client that leaves ends the page's request to Gemini", async (context) => {
  await fault("slow", { ms: 300, match: { key: "page-key" } });
  context.after(clearFaults);
  const leave = new AbortController();
  const stream = await openai().chat.completions.create(
    { model: MODEL, messages: ask("Tell me a long story."), stream: true },
    { signal: leave.signal },
  );
  for await (const chunk of stream) {
    assert.ok(chunk);
    leave.abort();
    break;
  }
  await poll(async () => (await requests()).at(-1).ending === "client_left");
  await poll(async () => (await page.locator("#running").textContent()) === "0");
});

// A node that is nobody's page and none of ours: npm's ws, whole answers and streamed ones.
test("a node of npm's ws", async (context) => {
  const node = new WebSocket(`${relay.url.replace("http", "ws")}/ws`, {
    headers: { authorization: `Bearer ${NODE_TOKEN}` },
  });
  const part = (text, more) => ({ candidates: [{ content: { role: "model", parts: [{ text }] }, ...more }] });
  const end = { finishReason: "STOP" };
  const seen = [];
  node.on("message", (data) => {
    const message = JSON.parse(data);
    if (message.method !== "POST") return; // how many nodes there are
    seen.push(message);
    const say = (more) => node.send(JSON.stringify({ id: message.id, ...more }));
    if (message.path.includes(":generateContent")) {
      say({ success: true, payload: part("Whole.", end) });
      return;
    }
    say({ stream: true, type: "batch", chunks: [part("In "), part("pieces.", end)] });
    say({ stream: true, done: true });
  });
  await new Promise((resolve, reject) => node.once("open", resolve).once("error", reject));
  context.after(() => node.terminate());
  // The one that has rested longest is asked: the new one, and then by turns.
  await poll(async () => (await relay.nodes()) === 2);
  const asked = { model: MODEL, contents: "Are you there?" };
  const whole = [];
  while (!whole.includes("Whole.") && whole.length < 4) {
    whole.push((await google().models.generateContent(asked)).text);
  }
  const streamed = [];
  while (!streamed.includes("In pieces.") && streamed.length < 4) {
    streamed.push(await joined(await google().models.generateContentStream(asked), (chunk) => chunk.text));
  }
  assert.ok(whole.includes("Whole.") && streamed.includes("In pieces."), JSON.stringify([whole, streamed]));
  assert.deepEqual(seen[0].body.contents[0].parts, [{ text: "Are you there?" }]);
  const left = new Promise((resolve) => node.once("close", resolve));
  node.close();
  await left;
  await poll(async () => (await relay.nodes()) === 1);
});

test("the page says why it was turned away, and does not insist", async (context) => {
  const stranger = await openPage(browser, `${relay.url}/applet/#token=wrong`);
  context.after(() => stranger.context().close());
  await fill(stranger, { key: KEY });
  await stranger.locator("#toggle").click();
  await poll(async () => /\(1008\)/.test(await stranger.locator("#state").textContent()));
  assert.equal(await state(stranger), "off");
  assert.equal(await relay.nodes(), 1);
});

test("the page comes back to a gateway that was started anew", async () => {
  await relay.stop();
  await poll(async () => (await state(page)) === "waiting");
  relay = await startGateway(relay.port);
  await canServe();
  await script("Are you back?", [{ parts: [{ text: "I am." }] }]);
  const answer = await google().models.generateContent({ model: MODEL, contents: "Are you back?" });
  assert.equal(answer.text, "I am.");
});
