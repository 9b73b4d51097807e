import assert from "node:assert/strict";
import test from "node:test";
import { pagePath, readTarget } from "./target.ts";

const path = (method: string, asked: string) => readTarget(method, asked)?.path;

test("calls to models pass, without what only the relay needs", () => {
  const model = "/v1beta/models/gemini-2.5-flash";
  assert.equal(path("POST", `${model}:generateContent?key=secret`), `${model}:generateContent`);
  assert.equal(path("", `${model}:countTokens`), `${model}:countTokens`);
  assert.equal(path("POST", `/gemini${model}:embedContent`), `${model}:embedContent`);
  assert.equal(path("POST", "/v1/models/m:batchEmbedContents"), "/v1/models/m:batchEmbedContents");
  assert.equal(path("POST", "/v1beta/tunedModels/t-1:generateContent"), "/v1beta/tunedModels/t-1:generateContent");
  const stream = readTarget("POST", `${model}:streamGenerateContent?key=secret`)!;
  assert.deepEqual([stream.path, stream.stream], [`${model}:streamGenerateContent?alt=sse`, true]);
});

test("lists and models can be read", () => {
  const all = readTarget("GET", "/v1beta/models")!;
  assert.deepEqual([all.path, all.allPages], ["/v1beta/models", true]);
  assert.equal(pagePath(all, ""), "/v1beta/models?pageSize=1000");
  assert.equal(pagePath(all, "x&y=1"), "/v1beta/models?pageSize=1000&pageToken=x%26y%3D1");
  const page = readTarget("GET", "/v1beta/models?pageSize=3&key=secret")!;
  assert.deepEqual([page.path, page.allPages], ["/v1beta/models?pageSize=3", false]);
  assert.equal(path("GET", "/v1beta/models/gemini-2.5-flash"), "/v1beta/models/gemini-2.5-flash");
});

test("the key opens nothing else", () => {
  const refused = [
    ["POST", "/v1beta/files"],
    ["POST", "/v1beta/models"],
    ["POST", "/v1beta/models/m"],
    ["POST", "/v1beta/models/m:delete"],
    ["GET", "/v1beta/models/m:generateContent"],
    ["DELETE", "/v1beta/models/m"],
    ["POST", "/v1beta/models/../files/m:generateContent"],
    ["POST", "/v1beta/models/..:generateContent"],
    ["POST", "/v1beta/models/a%2fb:generateContent"],
    ["POST", "/v1beta/models/a\r\nb:generateContent"],
    ["POST", "/v1beta/cachedContents/m:generateContent"],
    ["POST", "/chat/completions"],
    ["POST", "/x/v1/models/m:generateContent"],
  ];
  for (const [method, asked] of refused) assert.equal(readTarget(method!, asked!), undefined, asked);
});
