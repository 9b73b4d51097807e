import assert from "node:assert/strict";
import test from "node:test";
import { cleanAddress, cleanBaseUrl, defaults, isToken, load, ownRelay, save } from "./settings.ts";

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
    get length() {
      return kept.size;
    },
  } as unknown as Storage;
}

test("a token is remembered beyond the tab only when that is asked for", () => {
  const [session, local] = [storage(), storage()];
  const entered = { ...defaults, token: "secret", key: "AIza" };
  save(entered, session, local);
  assert.equal(local.length, 0);
  assert.deepEqual(load(session, local), entered);
  assert.deepEqual(load(storage(), local), defaults);
  save({ ...entered, remember: true }, session, local);
  assert.equal(load(storage(), local).token, "secret");
  save(entered, session, local);
  assert.equal(local.length, 0);
});

test("what somebody else left is nothing", () => {
  const session = storage();
  session.setItem("wasat.applet", "{");
  assert.deepEqual(load(session, storage()), defaults);
});

test("the relay that serves the page is the default", () => {
  assert.equal(ownRelay("https://relay.example/applet/"), "wss://relay.example/ws");
  assert.equal(ownRelay("http://127.0.0.1:8080/applet/?x#token=t"), "ws://127.0.0.1:8080/ws");
  assert.equal(ownRelay("https://h/below/applet/"), "wss://h/below/ws");
  assert.equal(ownRelay("https://app.example/index.html"), "");
  assert.equal(ownRelay("about:blank"), "");
});

test("addresses", () => {
  assert.equal(cleanAddress(" wss://relay.example "), "wss://relay.example/ws");
  assert.equal(cleanAddress("wss://relay.example/other?x=1#y"), "wss://relay.example/other?x=1");
  assert.equal(cleanAddress("https://relay.example/ws"), "");
  assert.equal(cleanAddress("relay.example"), "");
  assert.equal(cleanBaseUrl("http://127.0.0.1:1/v1beta/"), "http://127.0.0.1:1");
  assert.equal(cleanBaseUrl(""), "https://generativelanguage.googleapis.com");
});

test("tokens", () => {
  assert.ok(isToken("node-Ab9_.~"));
  for (const token of ["a b", "a,b", 'a"b', "ä"]) assert.ok(!isToken(token), token);
});
