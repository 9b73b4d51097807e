import assert from "node:assert/strict";
import test from "node:test";
import { EventSplitter } from "./sse.ts";

const stream =
  'data: {"a":1}\r\n\r\n: comment\n\ndata:{"b":\ndata: 2}\n\nevent: x\rdata: {"c":3}\r\r\n{"error":{"code":503}}\n\ndata: {"d":4}';
const expected = ['{"a":1}', '{"b":\n2}', '{"c":3}', '{"error":{"code":503}}', '{"d":4}'];

test("any split of the stream gives the same events", () => {
  for (let at = 0; at <= stream.length; at++) {
    const splitter = new EventSplitter();
    const events = [...splitter.feed(stream.slice(0, at)), ...splitter.feed(stream.slice(at))];
    assert.deepEqual([...events, ...splitter.end()], expected, `split at ${at}`);
  }
  const splitter = new EventSplitter();
  const events = [...stream].flatMap((character) => splitter.feed(character));
  assert.deepEqual([...events, ...splitter.end()], expected);
});

test("an event goes out as soon as it is complete", () => {
  const splitter = new EventSplitter();
  assert.deepEqual(splitter.feed("data: 1\r\n\r"), []);
  assert.deepEqual(splitter.feed("\ndata: 2\n\nda"), ["1", "2"]);
  assert.deepEqual(splitter.feed("ta: 3\n\n"), ["3"]);
  assert.deepEqual(splitter.end(), []);
});

test("a large event in many pieces takes no longer than its length", () => {
  const splitter = new EventSplitter();
  const piece = "x".repeat(16_384);
  const started = performance.now();
  splitter.feed("data: ");
  for (let i = 0; i < 2_000; i++) splitter.feed(piece);
  assert.equal(splitter.feed("\n\n")[0]!.length, 2_000 * piece.length);
  assert.ok(performance.now() - started < 5_000);
});
