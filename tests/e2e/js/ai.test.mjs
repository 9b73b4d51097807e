// The Vercel AI SDK from npm, through each of its providers that can speak to Wasat.

import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { clearFaults, fault, MODEL, pixel, requests, script, TOKEN, URL_ } from "./gateway.mjs";

const THIRD = "gemini-3-flash-preview";
const providers = {
  google: (apiKey) => createGoogle({ baseURL: `${URL_}/v1beta`, apiKey }),
  "openai, chat": (apiKey) => createOpenAI({ baseURL: `${URL_}/v1`, apiKey }).chat,
  "openai, responses": (apiKey) => createOpenAI({ baseURL: `${URL_}/v1`, apiKey }).responses,
  "openai-compatible": (apiKey) =>
    createOpenAICompatible({
      name: "wasat",
      baseURL: `${URL_}/v1`,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
  anthropic: (apiKey) => createAnthropic({ baseURL: `${URL_}/v1`, apiKey }),
};

const weather = tool({
  description: "The weather in a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: city === "Paris" ? "grey" : "blue" }),
});

// Two calls at once, then one more, then words.
const trip = (name) => [
  {
    parts: [
      { thought: true, text: "Both cities." },
      { functionCall: { name: "weather", args: { city: "Paris" } } },
      { functionCall: { name: "weather", args: { city: "Kyoto" } } },
    ],
  },
  { expect: ["grey", "blue"], parts: [{ functionCall: { name: "weather", args: { city: "Oslo" } } }] },
  { expect: "Oslo", cachedTokens: 20, parts: [{ text: `Kyoto it is, says ${name}.` }] },
];

beforeEach(clearFaults);

for (const [name, create] of Object.entries(providers)) {
  suite(`ai with ${name}`, () => tests(create, `TRIP ${name}`));
}

function tests(create, task) {
  const wasat = create(TOKEN);

  test("text and usage", async () => {
    const { text, usage, finishReason } = await generateText({
      model: wasat(MODEL),
      instructions: "Be brief.",
      prompt: "exactly: hello there",
      maxOutputTokens: 1000,
      temperature: 0.5,
    });
    assert.equal(text, "hello there");
    assert.equal(finishReason, "stop");
    assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
    assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
  });

  test("stream", async () => {
    const pieces = [];
    const result = streamText({ model: wasat(MODEL), prompt: "Tell me a long story." });
    for await (const piece of result.textStream) pieces.push(piece);
    assert.ok(pieces.length >= 3);
    assert.equal(await result.finishReason, "stop");
    assert.ok((await result.usage).outputTokens > 0);
  });

  for (const streamed of [false, true]) {
    test(`p15_p21 a loop of tools, ${streamed ? "streamed" : "whole"}`, async () => {
      const label = `${task} ${streamed}`;
      await script(label, trip(label), { exact: true });
      const settings = {
        model: wasat(THIRD),
        prompt: `Plan ${label}`,
        tools: { weather },
        stopWhen: isStepCount(6),
      };
      const result = streamed ? streamText(settings) : await generateText(settings);
      if (streamed) await result.consumeStream({ onError: (error) => assert.fail(error) });
      assert.equal(await result.text, `Kyoto it is, says ${label}.`);
      const steps = await result.steps;
      assert.deepEqual(
        steps.map((step) => step.toolCalls.map((call) => call.input)),
        [[{ city: "Paris" }, { city: "Kyoto" }], [{ city: "Oslo" }], []],
      );
      assert.deepEqual(
        steps.map((step) => step.finishReason),
        ["tool-calls", "tool-calls", "stop"],
      );
      const ids = steps.flatMap((step) => step.toolCalls.map((call) => call.toolCallId));
      assert.equal(new Set(ids).size, 3);
      assert.equal(steps[2].usage.inputTokenDetails.cacheReadTokens, 20, "p56 cached tokens are told");
    });
  }

  test("a picture", async () => {
    const { text } = await generateText({
      model: wasat(MODEL),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", image: Buffer.from(pixel, "base64"), mediaType: "image/png" },
          ],
        },
      ],
    });
    assert.match(text, /picture/);
  });

  test("structured output", async () => {
    const { output } = await generateText({
      model: wasat(MODEL),
      prompt: "Describe the star Wasat.",
      output: Output.object({
        schema: z.object({
          name: z.string(),
          magnitude: z.number().positive(),
          spectrum: z.enum(["F", "G"]).nullable(),
          companions: z.array(z.object({ name: z.string() })),
        }),
      }),
    });
    assert.equal(typeof output.name, "string");
  });

  test("errors say what they are", async () => {
    const failure = async (model, settings = {}) => {
      try {
        await generateText({ model, prompt: "Hi.", maxRetries: 0, ...settings });
      } catch (error) {
        assert.ok(APICallError.isInstance(error), String(error));
        return error;
      }
      assert.fail("it should not have worked");
    };
    const nobody = await failure(create("nobody")(MODEL));
    assert.equal(nobody.statusCode, 401);
    assert.ok(!nobody.isRetryable);
    assert.match(nobody.message, /token/);
    assert.equal((await failure(wasat("gemini-0.1-abacus"))).statusCode, 404);
    await fault("overloaded", { times: 20 });
    assert.ok((await failure(wasat(MODEL))).isRetryable);
  });

  test("p28 an error in the middle of a stream is no end", async () => {
    await fault("error-event", { times: 1 });
    const errors = [];
    const result = streamText({
      model: wasat(MODEL),
      prompt: "A story.",
      maxRetries: 0,
      onError: ({ error }) => errors.push(error),
    });
    await result.consumeStream();
    assert.ok(errors.length > 0, "the error was told");
  });
}

test("ai with openai: embeddings", async () => {
  const openai = createOpenAI({ baseURL: `${URL_}/v1`, apiKey: TOKEN });
  const { embeddings } = await embedMany({
    model: openai.embedding("gemini-embedding-001"),
    values: ["one star", "two stars"],
  });
  assert.equal(embeddings.length, 2);
});

test("nothing of it was refused by the upstream", async () => {
  const refused = (await requests()).filter((r) => r.status === 400);
  assert.deepEqual(refused.map((r) => r.body), []);
});
