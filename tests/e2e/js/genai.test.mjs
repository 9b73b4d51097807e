// The @google/genai package from npm in its three generations, against a gateway whose
// upstream is the simulator. The third asks for v1 where the others ask for v1beta.

import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import * as third from "@google/genai";
import * as first from "genai1";
import * as second from "genai2";
import { clearFaults, fault, MODEL, pixel, poll, requests, TOKEN, URL_ } from "./gateway.mjs";

beforeEach(clearFaults);

for (const [name, sdk] of Object.entries({ first, second, third })) {
  suite(`@google/genai, ${name} generation`, () => tests(sdk, name));
}

function tests({ ApiError, FunctionCallingConfigMode, GoogleGenAI, Type }, name) {
  const client = (apiVersion = undefined, apiKey = TOKEN) =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: URL_, apiVersion } });
  const ai = client();
  const weather = {
    name: "get_weather",
    description: "The weather in a city.",
    parameters: {
      type: Type.OBJECT,
      properties: { city: { type: Type.STRING } },
      required: ["city"],
    },
  };

  for (const version of [undefined, "v1beta", "v1"]) {
    test(`generate, ${version ?? "its own version"}`, async () => {
      const answer = await client(version).models.generateContent({ model: MODEL, contents: "Hello." });
      assert.ok(answer.text);
      assert.ok(answer.usageMetadata.totalTokenCount > 0);
    });
  }

  test("stream", async () => {
    let text = "";
    let count = 0;
    let last;
    for await (const chunk of await ai.models.generateContentStream({
      model: MODEL,
      contents: "Tell me a long story.",
    })) {
      text += chunk.text ?? "";
      count += 1;
      last = chunk;
    }
    assert.ok(count >= 3 && text.length > 20);
    assert.equal(last.candidates[0].finishReason, "STOP");
  });

  test("tools there and back", async () => {
    const config = {
      tools: [{ functionDeclarations: [weather] }],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
    };
    const contents = [{ role: "user", parts: [{ text: "What is the weather in Paris?" }] }];
    const answer = await ai.models.generateContent({ model: MODEL, contents, config });
    const calls = answer.functionCalls;
    assert.equal(calls[0].name, "get_weather");
    contents.push(answer.candidates[0].content);
    contents.push({
      role: "user",
      parts: calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { sky: "blue" } } })),
    });
    delete config.toolConfig;
    assert.ok((await ai.models.generateContent({ model: MODEL, contents, config })).text);
  });

  test("image", async () => {
    const answer = await ai.models.generateContent({
      model: MODEL,
      contents: [{ text: "What do you see?" }, { inlineData: { mimeType: "image/png", data: pixel } }],
    });
    assert.ok(answer.text);
  });

  test("structured output", async () => {
    const answer = await ai.models.generateContent({
      model: MODEL,
      contents: "Describe the star Wasat.",
      config: {
        responseMimeType: "application/json",
        responseSchema: {
          type: Type.OBJECT,
          properties: { name: { type: Type.STRING }, magnitude: { type: Type.NUMBER } },
          required: ["name", "magnitude"],
        },
      },
    });
    assert.equal(typeof JSON.parse(answer.text).name, "string");
  });

  test("thoughts", async () => {
    const answer = await ai.models.generateContent({
      model: MODEL,
      contents: "Think hard.",
      config: { thinkingConfig: { includeThoughts: true } },
    });
    assert.ok(answer.candidates[0].content.parts.some((part) => part.thought));
  });

  test("count tokens and models", async () => {
    const count = await ai.models.countTokens({ model: MODEL, contents: "How many?" });
    assert.ok(count.totalTokens > 0);
    assert.equal((await ai.models.get({ model: MODEL })).name, `models/${MODEL}`);
    const names = [];
    for await (const model of await ai.models.list({ config: { pageSize: 2 } })) names.push(model.name);
    assert.ok(names.includes(`models/${MODEL}`));
  });

  test("errors are typed", async () => {
    await assert.rejects(
      client(undefined, "nobody").models.generateContent({ model: MODEL, contents: "Hi." }),
      (error) => error instanceof ApiError && error.status === 401,
    );
    await assert.rejects(
      ai.models.generateContent({ model: "gemini-0.1-abacus", contents: "Hi." }),
      (error) => error instanceof ApiError && error.status === 404,
    );
  });

  test("a stream that breaks off does not look complete", async () => {
    await fault("error-event", { times: 1 });
    let finish;
    try {
      for await (const chunk of await ai.models.generateContentStream({ model: MODEL, contents: "A story." })) {
        finish = chunk.candidates?.[0]?.finishReason ?? finish;
      }
    } catch (error) {
      // The first generation takes an error event for an empty chunk and does not raise.
      assert.ok(name !== "first" && error instanceof ApiError);
    }
    assert.equal(finish, undefined);
  });

  test("abort", async () => {
    await fault("slow", { ms: 200, times: 1 });
    const before = (await requests()).filter((r) => r.ending === "client_left").length;
    const controller = new AbortController();
    const stream = await ai.models.generateContentStream({
      model: MODEL,
      contents: "A long story.",
      config: { abortSignal: controller.signal },
    });
    await assert.rejects(async () => {
      for await (const _ of stream) controller.abort();
    });
    await poll(async () => (await requests()).filter((r) => r.ending === "client_left").length > before);
  });

  test("P55: a file of several chunks, used, listed and deleted", async () => {
    const bytes = new Uint8Array(17 * 1024 * 1024 + 5).fill(7);
    const file = await ai.files.upload({
      file: new Blob([bytes], { type: "text/plain" }),
      config: { displayName: "from JavaScript" },
    });
    assert.equal(file.sizeBytes, String(bytes.length));
    const part = { fileData: { fileUri: file.uri, mimeType: file.mimeType } };
    for (let i = 0; i < 4; i += 1) {
      const contents = [{ role: "user", parts: [part, { text: "What is it?" }] }];
      assert.ok((await ai.models.generateContent({ model: MODEL, contents })).text);
    }
    const names = [];
    for await (const each of await ai.files.list({ config: { pageSize: 5 } })) names.push(each.name);
    assert.ok(names.includes(file.name));
    assert.equal((await ai.files.get({ name: file.name })).displayName, "from JavaScript");
    await ai.files.delete({ name: file.name });
    await assert.rejects(ai.files.get({ name: file.name }), (error) => error.status === 404);
  });

  test("caches", async () => {
    const cache = await ai.caches.create({
      model: MODEL,
      config: { contents: [{ role: "user", parts: [{ text: "A long text." }] }], ttl: "600s" },
    });
    for (let i = 0; i < 4; i += 1) {
      const config = { cachedContent: cache.name };
      assert.ok((await ai.models.generateContent({ model: MODEL, contents: "Hi.", config })).text);
    }
    await ai.caches.delete({ name: cache.name });
  });
}
