import assert from "node:assert/strict";
import test from "node:test";
import { members } from "./members.ts";

test("values stand as they were written", () => {
  const text = ` {"id" : "a\\"b", "body":{"z":1.0,"a":[12345678901234567890, "}\\\\"]} ,"n":null}`;
  const found = members(text);
  assert.deepEqual(
    [...found!],
    [
      ["id", '"a\\"b"'],
      ["body", '{"z":1.0,"a":[12345678901234567890, "}\\\\"]}'],
      ["n", "null"],
    ],
  );
});

test("what is no object is none", () => {
  for (const text of ["", "ping", "[]", "{", '{"a"', '{"a":', '{"a":1', '{"a":"b', '{"a":{"b":1}', "{a:1}", '{"a":1,}', '{"a" 1}', '{"a":}']) {
    assert.equal(members(text), undefined, text);
  }
  assert.equal(members("{}")!.size, 0);
});

test("agrees with JSON.parse on whatever it takes for an object", () => {
  const values = ["1", "-2.5e3", '"x"', '"\\u0022}"', "true", "[]", "{}", '[{"a":"]"}]', '{"b":{"c":[1,2]}}'];
  for (const first of values) {
    for (const second of values) {
      const text = `{"p":${first}\n,\t"q": ${second} }`;
      const found = members(text)!;
      const parsed = JSON.parse(text) as Record<string, unknown>;
      assert.deepEqual(JSON.parse(found.get("p")!), parsed["p"], text);
      assert.deepEqual(JSON.parse(found.get("q")!), parsed["q"], text);
    }
  }
});
