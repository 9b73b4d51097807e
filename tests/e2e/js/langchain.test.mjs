// LangChain from npm: its chat models, and its agent on top of each.

import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import { ChatAnthropic } from "@langchain/anthropic";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { createAgent, HumanMessage, SystemMessage, tool } from "langchain";
import { z } from "zod";
import { clearFaults, fault, MODEL, pixel, requests, script, TOKEN, URL_ } from "./gateway.mjs";

const THIRD = "gemini-3-flash-preview";
const openai = (apiKey, more) => ({
  apiKey,
  maxRetries: 0,
  streamUsage: true,
  configuration: { baseURL: `${URL_}/v1` },
  ...more,
});
const models = {
  "google-genai": (model, apiKey) =>
    new ChatGoogleGenerativeAI({ model, apiKey, baseUrl: URL_, maxRetries: 0 }),
  "openai, chat": (model, apiKey) => new ChatOpenAI({ model, ...openai(apiKey) }),
  "openai, responses": (model, apiKey) =>
    new ChatOpenAI({ model, useResponsesApi: true, ...openai(apiKey) }),
  anthropic: (model, apiKey) =>
    new ChatAnthropic({ model, apiKey, anthropicApiUrl: URL_, maxRetries: 0 }),
};

const weather = tool(async ({ city }) => `${city}: ${city === "Paris" ? "grey" : "blue"}`, {
  name: "weather",
  description: "The weather in a city.",
  schema: z.object({ city: z.string() }),
});

beforeEach(clearFaults);

for (const [name, create] of Object.entries(models)) {
  suite(`langchain with ${name}`, () => tests(create, `CHAIN ${name}`));
}

function tests(create, task) {
  test("text and usage", async () => {
    const answer = await create(MODEL, TOKEN).invoke([
      new SystemMessage("Be brief."),
      new HumanMessage("exactly: hello there"),
    ]);
    assert.equal(answer.text, "hello there");
    assert.ok(answer.usage_metadata.input_tokens > 0 && answer.usage_metadata.output_tokens > 0);
  });

  test("stream", async () => {
    let whole;
    let count = 0;
    for await (const chunk of await create(MODEL, TOKEN).stream("Tell me a long story.")) {
      whole = whole ? whole.concat(chunk) : chunk;
      count += 1;
    }
    assert.ok(count >= 3 && whole.text.length > 20);
    assert.ok(whole.usage_metadata.output_tokens > 0, "p35 usage comes with streams");
  });

  for (const streamed of [false, true]) {
    test(`an agent that works with tools, ${streamed ? "streamed" : "whole"}`, async () => {
      const label = `${task} ${streamed}`;
      await script(label, [
        {
          parts: [
            { functionCall: { name: "weather", args: { city: "Paris" } } },
            { functionCall: { name: "weather", args: { city: "Kyoto" } } },
          ],
        },
        { expect: ["grey", "blue"], parts: [{ functionCall: { name: "weather", args: { city: "Oslo" } } }] },
        { expect: "Oslo", parts: [{ text: `Kyoto it is, says ${label}.` }] },
      ]);
      const agent = createAgent({ model: create(THIRD, TOKEN), tools: [weather] });
      const input = { messages: [new HumanMessage(`Plan ${label}`)] };
      let messages;
      if (streamed) {
        for await (const [mode, chunk] of await agent.stream(input, { streamMode: ["messages", "values"] })) {
          if (mode === "values") ({ messages } = chunk);
        }
      } else {
        ({ messages } = await agent.invoke(input));
      }
      assert.equal(messages.at(-1).text, `Kyoto it is, says ${label}.`);
      const calls = messages.flatMap((message) => message.tool_calls ?? []);
      assert.deepEqual(
        calls.map((call) => call.args),
        [{ city: "Paris" }, { city: "Kyoto" }, { city: "Oslo" }],
      );
      assert.equal(new Set(calls.map((call) => call.id)).size, 3);
    });
  }

  test("a picture", async () => {
    const answer = await create(MODEL, TOKEN).invoke([
      new HumanMessage({
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
        ],
      }),
    ]);
    assert.match(answer.text, /picture/);
  });

  test("structured output", async () => {
    const star = await create(MODEL, TOKEN)
      .withStructuredOutput(z.object({ name: z.string(), magnitude: z.number() }), { name: "star" })
      .invoke("Describe the star Wasat.");
    assert.equal(typeof star.name, "string");
    assert.equal(typeof star.magnitude, "number");
  });

  test("errors are raised", async () => {
    await assert.rejects(create(MODEL, "nobody").invoke("Hi."), /token/);
    await assert.rejects(create("gemini-0.1-abacus", TOKEN).invoke("Hi."), /gemini-0.1-abacus/);
    // A model of its own: what is over quota rests for a while.
    await fault("quota-minute", { match: { model: "2.5-pro" } });
    await assert.rejects(create("gemini-2.5-pro", TOKEN).invoke("Hi."), /429|quota|rate/i);
  });
}

test("langchain with openai: embeddings", async () => {
  const embeddings = new OpenAIEmbeddings({ model: "gemini-embedding-001", ...openai(TOKEN) });
  assert.equal((await embeddings.embedDocuments(["one star", "two stars"])).length, 2);
});

test("nothing of it was refused by the upstream", async () => {
  const refused = (await requests()).filter((r) => r.status === 400);
  assert.deepEqual(refused.map((r) => r.body), []);
});
