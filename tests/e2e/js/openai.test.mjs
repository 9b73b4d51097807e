// The openai package from npm in two generations, against a gateway whose upstream is the simulator.

import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import Seven, { toFile } from "openai";
import Six from "openai6";
import { ask, clearFaults, fault, MODEL, pixel, poll, requests, script, TOKEN, URL_ } from "./gateway.mjs";

beforeEach(clearFaults);

for (const [name, OpenAI] of Object.entries({ 6: Six, 7: Seven })) {
  suite(`openai ${name}`, () => tests(OpenAI));
}

function tests(OpenAI) {
  const client = new OpenAI({ baseURL: `${URL_}/v1`, apiKey: TOKEN, maxRetries: 0 });
  const weather = {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city.",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  };

  for (const base of ["/v1", "/openai/v1", "/v1beta/openai", "/hf/v1"]) {
    test(`base URL ${base}`, async () => {
      const other = new OpenAI({ baseURL: URL_ + base, apiKey: TOKEN, maxRetries: 0 });
      const answer = await other.chat.completions.create({ model: MODEL, messages: ask("Hello.") });
      assert.ok(answer.choices[0].message.content);
    });
  }

  test("stream", async () => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: ask("Tell me a long story."),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage;
    let finish;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.ok(text.length > 20);
    assert.equal(finish, "stop");
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  });

  test("tools, run by the SDK's own loop", async () => {
    let called = 0;
    const runner = client.chat.completions.runTools({
      model: MODEL,
      messages: ask("What is the weather in Paris? Use the tool."),
      tools: [
        {
          type: "function",
          function: {
            ...weather.function,
            parse: JSON.parse,
            function: ({ city }) => {
              called += 1;
              return `${city}: sunny`;
            },
          },
        },
      ],
    });
    assert.ok(await runner.finalContent());
    assert.ok(called > 0);
  });

  test("tools, streamed", async () => {
    const stream = client.chat.completions.stream({
      model: MODEL,
      messages: ask("What is the weather in Paris and in Tokyo? Use parallel calls of the tool."),
      tools: [weather],
      tool_choice: "required",
    });
    const { choices } = await stream.finalChatCompletion();
    assert.equal(choices[0].finish_reason, "tool_calls");
    for (const call of choices[0].message.tool_calls) JSON.parse(call.function.arguments);
  });

  test("image", async () => {
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What do you see?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
      ],
    });
    assert.ok(answer.choices[0].message.content);
  });

  test("structured output", async () => {
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: ask("Describe the star Wasat."),
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "star",
          strict: true,
          schema: {
            type: "object",
            properties: { name: { type: "string" }, magnitude: { type: "number" } },
            required: ["name", "magnitude"],
            additionalProperties: false,
          },
        },
      },
    });
    const star = JSON.parse(answer.choices[0].message.content);
    assert.equal(typeof star.name, "string");
    assert.equal(typeof star.magnitude, "number");
  });

  test("reasoning", async () => {
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: ask("Think hard."),
      reasoning_effort: "high",
    });
    assert.ok(answer.choices[0].message.reasoning_content);
    assert.ok(answer.usage.completion_tokens_details.reasoning_tokens > 0);
  });

  test("errors are typed", async () => {
    const nobody = new OpenAI({ baseURL: `${URL_}/v1`, apiKey: "nobody", maxRetries: 0 });
    await assert.rejects(nobody.models.list(), OpenAI.AuthenticationError);
    await assert.rejects(
      client.chat.completions.create({ model: "gemini-0.1-abacus", messages: ask("Hi.") }),
      OpenAI.NotFoundError,
    );
    await assert.rejects(
      client.chat.completions.create({ model: MODEL, messages: [] }),
      OpenAI.BadRequestError,
    );
  });

  test("an error in the middle of a stream is raised", async () => {
    await fault("error-event", { times: 1 });
    await assert.rejects(async () => {
      const stream = await client.chat.completions.create({
        model: MODEL,
        messages: ask("A story."),
        stream: true,
      });
      for await (const _ of stream);
    }, OpenAI.APIError);
  });

  test("abort", async () => {
    await fault("slow", { ms: 200, times: 1 });
    const before = (await requests()).filter((r) => r.ending === "client_left").length;
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: ask("A long story."),
      stream: true,
    });
    for await (const _ of stream) break;
    stream.controller.abort();
    await poll(async () => (await requests()).filter((r) => r.ending === "client_left").length > before);
  });

  test("models", async () => {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert.ok(names.includes(MODEL));
    assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
  });

  for (const store of [true, false]) {
    test(`responses with tools, ${store ? "remembered" : "carried"}`, async () => {
      const name = `TASK-RESPONSES-${OpenAI === Six ? 6 : 7}-${store}`;
      const call = (city) => ({ functionCall: { name: "get_weather", args: { city } } });
      await script(
        name,
        [
          { parts: [{ thought: true, text: "Both cities." }, call("Paris"), call("Kyoto")] },
          { expect: ["grey", "blue"], cachedTokens: 5, parts: [{ text: "Kyoto it is." }] },
        ],
        { exact: true },
      );
      const settings = {
        model: "gemini-3-flash-preview",
        tools: [{ type: "function", ...weather.function, strict: true }],
        reasoning: { effort: "low", summary: "auto" },
        store,
      };
      const input = [{ role: "user", content: name }];
      const first = await client.responses.stream({ ...settings, input }).finalResponse();
      assert.equal(first.output[0].type, "reasoning");
      const results = first.output
        .filter((item) => item.type === "function_call")
        .map(({ call_id, arguments: text }) => ({
          type: "function_call_output",
          call_id,
          output: JSON.parse(text).city === "Paris" ? "grey" : "blue",
        }));
      assert.equal(results.length, 2);
      const second = await client.responses.create({
        ...settings,
        ...(store
          ? { previous_response_id: first.id, input: results }
          : { input: [...input, ...first.output, ...results] }),
      });
      assert.equal(second.output_text, "Kyoto it is.");
      assert.equal(second.usage.input_tokens_details.cached_tokens, 5);
    });
  }

  test("embeddings, pictures and speech", async () => {
    const { data } = await client.embeddings.create({
      model: "gemini-embedding-001",
      input: ["one star", "two stars"],
    });
    assert.deepEqual(data.map(({ embedding }) => embedding.length), [3072, 3072]);
    const picture = await client.images.generate({ model: "gemini-2.5-flash-image", prompt: "A star." });
    assert.ok(Buffer.from(picture.data[0].b64_json, "base64").includes("PNG"));
    const sound = await client.audio.speech.create({
      model: "gemini-2.5-flash-preview-tts",
      voice: "Kore",
      input: "Good evening.",
      response_format: "wav",
    });
    assert.equal(Buffer.from(await sound.arrayBuffer()).subarray(0, 4).toString(), "RIFF");
    const heard = await client.audio.transcriptions.create({
      model: MODEL,
      file: await toFile(Buffer.from("RIFF0000WAVE"), "a.wav", { type: "audio/wav" }),
    });
    assert.ok(heard.text);
  });
}
