import assert from "node:assert/strict";
import test from "node:test";
import { batchMessage, failureMessage, payloadMessage, readMessage } from "./message.ts";

test("a request keeps its body's text", () => {
  const text = '{"id":"1","path":"/v1beta/models/m:x?alt=sse","body":{"n":1.0},"method":"POST"}';
  assert.deepEqual(readMessage(text), {
    kind: "request",
    id: "1",
    method: "POST",
    path: "/v1beta/models/m:x?alt=sse",
    body: '{"n":1.0}',
  });
});

test("a relay may send neither method nor body", () => {
  assert.deepEqual(readMessage('{"id":"1","path":"/p","body":null}'), {
    kind: "request",
    id: "1",
    method: "",
    path: "/p",
    body: "",
  });
});

test("what else relays say", () => {
  assert.deepEqual(readMessage('{"type":"cluster_sync","count":3}'), { kind: "nodes", count: 3 });
  assert.deepEqual(readMessage('{"type":"cancel","id":"7"}'), { kind: "cancel", id: "7" });
  const others = ["pong", "[]", "{}", '{"id":"1"}', '{"id":1,"path":"/p"}', '{"type":"new","id":"1","path":"/p"}'];
  for (const text of others) assert.deepEqual(readMessage(text), { kind: "other" }, text);
});

test("what is said parses as what was meant", () => {
  const id = 'a"b';
  assert.deepEqual(JSON.parse(payloadMessage(id, '{"x":[1]}')), { id, success: true, payload: { x: [1] } });
  assert.deepEqual(JSON.parse(batchMessage(id, ["{}", '{"y":2}'])), {
    id,
    stream: true,
    type: "batch",
    chunks: [{}, { y: 2 }],
  });
  const failure = { status: 429, error: '{"error":{}}' };
  assert.deepEqual(JSON.parse(failureMessage(id, failure, false)), { id, success: false, ...failure });
  assert.deepEqual(JSON.parse(failureMessage(id, failure, true)), { id, stream: true, done: true, ...failure });
  const told = failureMessage(id, { ...failure, retryAfter: "30" }, true);
  assert.deepEqual(JSON.parse(told), { id, stream: true, done: true, ...failure, retry_after: "30" });
});
