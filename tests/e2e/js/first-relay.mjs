// A stand-in for the first relay server, by what it does on its sockets: no tokens, no cancel,
// no node names; what a node of ours must get along with.
//
//   node first-relay.mjs [PORT]      prints "first relay on http://127.0.0.1:PORT"
//
// Beside that server's own pages, /messages gives what nodes said, for tests.

import http from "node:http";
import { randomUUID } from "node:crypto";
import { WebSocketServer } from "ws";

const nodes = new Set();
const pending = new Map();
const said = [];

const isOpen = (node) => node.readyState === node.OPEN;

function tellCount() {
  const text = JSON.stringify({ type: "cluster_sync", count: nodes.size });
  for (const node of nodes) if (isOpen(node)) node.send(text);
}

// Least pending, then longest unused.
function choose() {
  const open = [...nodes].filter(isOpen);
  open.sort((a, b) => a.running - b.running || a.lastUsed - b.lastUsed);
  return open[0];
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

const failure = (code, message, status) => ({ error: { code, message, status } });

function dispatch(request, response, order) {
  const node = choose();
  if (!node) return json(response, 503, failure(503, "No execution nodes.", "UNAVAILABLE"));
  node.lastUsed = Date.now();
  node.running++;
  const id = randomUUID();
  const sse = new URL(request.url, "http://x").searchParams.get("alt") === "sse";
  pending.set(id, { response, node, order, sse, started: false, chunks: 0 });
  node.send(JSON.stringify({ id, ...order }));
}

function onMessage(node, text) {
  if (text.trim().toLowerCase().startsWith("p")) return;
  const message = JSON.parse(text);
  said.push(message);
  const entry = pending.get(message.id);
  if (!entry) return;
  const { response } = entry;
  const done = () => {
    pending.delete(message.id);
    node.running--;
  };
  if (!message.stream) {
    done();
    if (message.success) return json(response, 200, message.payload);
    return json(response, 500, failure(500, message.error || "Applet Error", "INTERNAL_ERROR"));
  }
  if (!entry.started) {
    entry.started = true;
    response.writeHead(200, {
      "Content-Type": entry.sse ? "text/event-stream" : "application/json",
    });
    if (!entry.sse) response.write("[\n");
  }
  if (message.type === "batch" && Array.isArray(message.chunks)) {
    for (const chunk of message.chunks) {
      const text = JSON.stringify(chunk);
      if (entry.sse) response.write(`data: ${text}\n\n`);
      else response.write((entry.chunks++ ? ",\n  " : "  ") + text);
    }
  }
  if (message.done) {
    done();
    response.end(entry.sse ? "" : "\n]");
  }
}

function onClose(node) {
  nodes.delete(node);
  for (const [id, entry] of pending) {
    if (entry.node !== node) continue;
    const next = entry.started ? undefined : choose();
    if (next) {
      entry.node = next;
      next.running++;
      next.send(JSON.stringify({ id, ...entry.order }));
      continue;
    }
    pending.delete(id);
    if (entry.started) entry.response.end();
    else json(entry.response, 503, failure(503, "Node crashed.", "UNAVAILABLE"));
  }
  tellCount();
}

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://x");
  if (request.method === "GET" && pathname === "/") {
    return json(response, 200, { status: "running", nodes: nodes.size, tasks: pending.size });
  }
  if (request.method === "GET" && pathname === "/messages") return json(response, 200, said);
  if (request.method === "GET" && pathname === "/v1beta/models") {
    return dispatch(request, response, { path: "/v1beta/models", method: "GET", body: {} });
  }
  if (request.method !== "POST" || !pathname.includes("/v1beta/")) {
    return json(response, 404, failure(404, "Not found", "NOT_FOUND"));
  }
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(parts).toString() || "{}");
    dispatch(request, response, { path: request.url, body, method: "POST" });
  });
});

const sockets = new WebSocketServer({ server, path: "/ws", maxPayload: 512 * 1024 * 1024 });
sockets.on("connection", (node) => {
  node.running = 0;
  node.lastUsed = 0;
  nodes.add(node);
  tellCount();
  node.on("message", (data) => onMessage(node, data.toString()));
  node.on("close", () => onClose(node));
  node.on("error", () => {});
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`first relay on http://127.0.0.1:${server.address().port}`);
});
