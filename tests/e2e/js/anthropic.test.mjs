// The @anthropic-ai/sdk package from npm, against a gateway whose upstream is the simulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { ask, clearFaults, fault, MODEL, pixel, script, TOKEN, URL_ } from "./gateway.mjs";

const THIRD = "gemini-3-flash-preview";
const client = new Anthropic({ baseURL: URL_, authToken: TOKEN, apiKey: null, maxRetries: 0 });
const settings = { model: MODEL, max_tokens: 4000 };

beforeEach(clearFaults);

test("text and usage", async () => {
  const answer = await client.messages.create({ ...settings, messages: ask("exactly: hello there") });
  assert.equal(answer.content[0].text, "hello there");
  assert.equal(answer.stop_reason, "end_turn");
  assert.ok(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0);
});

test("stream", async () => {
  let pieces = 0;
  const stream = client.messages.stream({ ...settings, messages: ask("Tell me a long story.") });
  stream.on("text", () => (pieces += 1));
  const message = await stream.finalMessage();
  assert.ok(pieces >= 3 && message.content[0].text.length > 20);
  assert.ok(message.usage.output_tokens > 0);
});

for (const stream of [false, true]) {
  test(`the SDK's own loop of tools, ${stream ? "streamed" : "whole"}`, async () => {
    const name = `TASK-RUNNER-${stream}`;
    const call = (city) => ({ functionCall: { name: "weather", args: { city } } });
    await script(
      name,
      [
        { parts: [{ thought: true, text: "Both cities." }, call("Paris"), call("Kyoto")] },
        { expect: ["grey", "blue"], parts: [call("Oslo")] },
        { expect: "Oslo", cachedTokens: 5, parts: [{ text: "Kyoto it is." }] },
      ],
      { exact: true },
    );
    const seen = [];
    const weather = betaTool({
      name: "weather",
      description: "The weather in a city.",
      inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      run: ({ city }) => {
        seen.push(city);
        return `${city}: ${city === "Paris" ? "grey" : "blue"}`;
      },
    });
    const runner = client.beta.messages.toolRunner({
      ...settings,
      model: THIRD,
      thinking: { type: "enabled", budget_tokens: 2000 },
      messages: ask(name),
      tools: [weather],
      stream,
    });
    const message = await runner.runUntilDone();
    assert.deepEqual(seen.sort(), ["Kyoto", "Oslo", "Paris"]);
    assert.equal(message.content.at(-1).text, "Kyoto it is.");
    assert.equal(message.usage.cache_read_input_tokens, 5);
  });
}

test("a picture", async () => {
  const source = { type: "base64", media_type: "image/png", data: pixel };
  const content = [{ type: "image", source }, { type: "text", text: "What is this?" }];
  const answer = await client.messages.create({ ...settings, messages: ask(content) });
  assert.match(answer.content[0].text, /picture/);
});

test("count tokens and models", async () => {
  const count = await client.messages.countTokens({ model: MODEL, messages: ask("How many?") });
  assert.ok(count.input_tokens > 0);
  const names = [];
  for await (const model of client.models.list({ limit: 5 })) names.push(model.id);
  assert.ok(names.includes(MODEL) && names.length > 5);
});

test("errors are typed", async () => {
  const nobody = new Anthropic({ baseURL: URL_, authToken: "nobody", apiKey: null, maxRetries: 5 });
  await assert.rejects(nobody.models.list(), Anthropic.AuthenticationError);
  const create = (more) => client.messages.create({ ...settings, messages: ask("Hi."), ...more });
  await assert.rejects(create({ model: "gemini-0.1-abacus" }), Anthropic.NotFoundError);
  await assert.rejects(create({ messages: [] }), Anthropic.BadRequestError);
  await fault("quota-minute", { match: { model: "2.5-pro" } });
  await assert.rejects(create({ model: "gemini-2.5-pro" }), Anthropic.RateLimitError);
});

test("p28 an error in the middle of a stream is raised", async () => {
  await fault("error-event", { times: 1 });
  const stream = client.messages.stream({ ...settings, messages: ask("A long story.") });
  await assert.rejects(stream.finalMessage(), Anthropic.APIError);
});
