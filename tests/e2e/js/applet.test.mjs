// The page at /applet: its types, its parts, and the page itself in a headless Chromium, as a
// node of a stand-in for the first relay's server.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import "../../../console/applet/src/backoff.test.ts";
import "../../../console/applet/src/job.test.ts";
import "../../../console/applet/src/members.test.ts";
import "../../../console/applet/src/message.test.ts";
import "../../../console/applet/src/relay.test.ts";
import "../../../console/applet/src/settings.test.ts";
import "../../../console/applet/src/sse.test.ts";
import "../../../console/applet/src/target.test.ts";
import { fill, openPage, startBrowser, state } from "./browser.mjs";
import { clearFaults, fault, MODEL, poll, requests, URL_ } from "./gateway.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const simulator = process.env.SIMULATOR_URL;
const KEY = "AIza-e2e-applet-key-0123456789";

let browser;

async function firstRelay(context, port = 0) {
  const process_ = spawn(process.execPath, [path.join(here, "first-relay.mjs"), String(port)]);
  context.after(() => process_.kill("SIGKILL"));
  const line = await new Promise((resolve, reject) => {
    process_.stdout.once("data", (data) => resolve(String(data)));
    process_.once("exit", () => reject(new Error("the stand-in ended")));
  });
  const url = /http:\/\/\S+/.exec(line)[0];
  const nodes = async () => (await (await fetch(url)).json()).nodes;
  return { url, process: process_, address: `${url.replace("http", "ws")}/ws`, nodes };
}

async function connectedPage(context, relay, fields = {}, options = {}) {
  const page = await openPage(browser, `${URL_}/applet/`, options);
  context.after(() => page.context().close());
  await fill(page, { address: relay.address, key: KEY, "base-url": simulator, ...fields });
  await page.locator("#toggle").click();
  await poll(async () => (await relay.nodes()) > 0);
  return page;
}

async function post(relay, method, body, query = "") {
  const answer = await fetch(`${relay.url}/v1beta/models/${MODEL}:${method}${query}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const prompt = (text) => ({ contents: [{ role: "user", parts: [{ text }] }] });

before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("types fit", async () => {
  const compiler = path.join(here, "node_modules/typescript/bin/tsc");
  const project = path.join(here, "../../../console/applet");
  await promisify(execFile)(process.execPath, [compiler, "-p", project]);
});

test("the page is served under a strict policy, and only when it is another one", async () => {
  const moved = await fetch(`${URL_}/applet?x=1`, { redirect: "manual" });
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "applet/"]);
  for (const file of ["", "applet.js", "applet.css", "studio.zip"]) {
    const answer = await fetch(`${URL_}/applet/${file}`);
    const bytes = await answer.arrayBuffer();
    assert.equal(answer.status, 200, file);
    assert.ok(bytes.byteLength > 500);
    const policy = answer.headers.get("content-security-policy");
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("set-cookie"), null);
    const again = await fetch(`${URL_}/applet/${file}`, {
      headers: { "If-None-Match": answer.headers.get("etag") },
    });
    assert.deepEqual([again.status, (await again.arrayBuffer()).byteLength], [304, 0]);
  }
  assert.equal((await fetch(`${URL_}/applet/other.js`)).status, 404);
  assert.equal((await fetch(`${URL_}/applet/`, { method: "POST" })).status, 405);
});

test("a page answers calls of every kind", async (context) => {
  const relay = await firstRelay(context);
  const page = await connectedPage(context, relay);
  assert.equal(await state(page), "connected");
  await poll(async () => (await page.locator("#nodes").textContent()) === "1");

  const answer = await post(relay, "generateContent", prompt("Say hello."));
  assert.ok(JSON.parse(answer.text).candidates[0].content.parts[0].text);
  const stream = await post(relay, "streamGenerateContent", prompt("Say hello."), "?alt=sse");
  assert.match(stream.text, /^data: \{/);
  assert.match(stream.text, /"finishReason":\s*"STOP"/);
  const array = await post(relay, "streamGenerateContent", prompt("Say hello."));
  assert.ok(JSON.parse(array.text).length > 0);
  const counted = await post(relay, "countTokens", prompt("Say hello."));
  assert.ok(JSON.parse(counted.text).totalTokens > 0);
  const models = await (await fetch(`${relay.url}/v1beta/models`)).json();
  assert.ok(models.models.some((model) => model.name === `models/${MODEL}`));
  const embedding = await fetch(`${relay.url}/v1beta/models/gemini-embedding-001:embedContent`, {
    method: "POST",
    body: JSON.stringify({ content: { parts: [{ text: "one" }] } }),
  });
  assert.ok((await embedding.json()).embedding.values.length > 0);

  await poll(async () => (await page.locator("#served").textContent()) === "6");
  const log = await page.locator("#log").innerText();
  assert.match(log, new RegExp(`streamGenerateContent ${MODEL} → 200`));
  for (const secret of [KEY, "Say hello."]) assert.ok(!log.includes(secret), log);
  assert.deepEqual(page.troubles, []);
});

test("Google's refusals come back in its words", async (context) => {
  const relay = await firstRelay(context);
  const page = await connectedPage(context, relay);
  await fault("quota-day", { match: { key: "applet-key" }, times: 2 });
  context.after(clearFaults);
  const answer = await post(relay, "generateContent", prompt("Say hello."));
  const told = JSON.parse(JSON.parse(answer.text).error.message);
  assert.equal(told.error.status, "RESOURCE_EXHAUSTED");
  await post(relay, "streamGenerateContent", prompt("Say hello."), "?alt=sse");
  const said = await (await fetch(`${relay.url}/messages`)).json();
  assert.deepEqual(
    said.map((message) => [message.status, message.stream, message.done]),
    [[429, undefined, undefined], [429, true, true]],
  );
  assert.equal(await page.locator("#failed").textContent(), "2");
});

test("a page whose relay goes away comes back to it", async (context) => {
  const relay = await firstRelay(context);
  const page = await connectedPage(context, relay);
  relay.process.kill("SIGKILL");
  await poll(async () => (await state(page)) === "waiting");
  const next = await firstRelay(context, new URL(relay.url).port);
  await poll(async () => (await next.nodes()) === 1);
  await poll(async () => (await state(page)) === "connected");
  const answer = await post(next, "generateContent", prompt("Say hello."));
  assert.equal(answer.status, 200);
});

test("what was entered survives a reload, and is forgotten with the tab", async (context) => {
  const relay = await firstRelay(context);
  const page = await connectedPage(context, relay, { token: "node-token-1" });
  await page.reload();
  await poll(async () => (await state(page)) === "connected");
  assert.equal(await page.locator("#token").inputValue(), "node-token-1");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  const another = await page.context().newPage();
  await another.goto(`${URL_}/applet/`);
  assert.equal(await another.locator("#token").inputValue(), "");
  assert.equal(await state(another), "off");
  await page.locator("#remember").check();
  await another.reload();
  assert.equal(await another.locator("#token").inputValue(), "node-token-1");
  await page.locator("#toggle").click();
  await poll(async () => (await state(page)) === "off");
});

test("an operator's link brings relay and token, and leaves no trace of them", async (context) => {
  const page = await openPage(browser, `${URL_}/applet/#token=node-token-2`);
  context.after(() => page.context().close());
  assert.equal(await page.locator("#token").inputValue(), "node-token-2");
  assert.equal(page.url(), `${URL_}/applet/`);
  const own = `${URL_.replace("http", "ws")}/ws`;
  assert.equal(await page.locator("#address").inputValue(), own);
  await page.locator("#toggle").click();
  assert.match(await page.locator("#state").textContent(), /Enter your Gemini API key first/);
});

test("it speaks Chinese to those who read it", async (context) => {
  const page = await openPage(browser, `${URL_}/applet/`, { locale: "zh-CN" });
  context.after(() => page.context().close());
  assert.equal(await page.locator("h1").textContent(), "中转节点");
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  await page.locator("#language").click();
  assert.equal(await page.locator("h1").textContent(), "Relay node");
  await page.reload();
  assert.equal(await page.locator("h1").textContent(), "Relay node");
});

test("everything on the page has a name, and fits on a phone", async (context) => {
  const page = await openPage(browser, `${URL_}/applet/`, {
    viewport: { width: 360, height: 640 },
    colorScheme: "dark",
  });
  context.after(() => page.context().close());
  await fill(page, {});
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("input, button")]
      .filter((each) => !(each.labels?.[0]?.textContent.trim() || each.textContent.trim()))
      .map((each) => each.id),
  );
  assert.deepEqual(nameless, []);
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  assert.ok(!wider);
  assert.deepEqual(page.troubles, []);
});

test("as an app of AI Studio it uses the app's own key", async (context) => {
  const relay = await firstRelay(context);
  const folder = process.env.WASAT_PAGES;
  const files = (name) => readFileSync(path.join(folder, "studio", name), "utf8");
  // As AI Studio does it: names of files as they are in the zip, the key put into the script.
  const studio = createServer((request, response) => {
    const name = request.url.slice(1) || "index.html";
    const types = { html: "text/html", css: "text/css", tsx: "text/javascript" };
    response.setHeader("Content-Type", types[name.split(".").pop()]);
    response.end(files(name).replaceAll("process.env.API_KEY", JSON.stringify(KEY)));
  });
  await new Promise((resolve) => studio.listen(0, "127.0.0.1", resolve));
  context.after(() => studio.close());
  const page = await openPage(browser, `http://127.0.0.1:${studio.address().port}/`);
  context.after(() => page.context().close());
  assert.equal(await page.locator("#address").inputValue(), "");
  await fill(page, { address: relay.address, "base-url": simulator });
  await page.locator("#toggle").click();
  await poll(async () => (await relay.nodes()) === 1);
  assert.equal((await post(relay, "generateContent", prompt("Say hello."))).status, 200);
  const { key } = (await requests()).at(-1);
  assert.ok(KEY.startsWith(key.replace("...", "")), key);
});
