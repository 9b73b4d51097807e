// The messages between a relay and this page.
//
//   relay to node   {id, path, method, body}   {type: "cancel", id}   {type: "cluster_sync", count}
//   node to relay   {id, success: true, payload}   {id, success: false, error, status, retry_after}
//                   {id, stream: true, type: "batch", chunks}
//                   {id, stream: true, done: true}
//                   {id, stream: true, error, status, done: true}

import { members } from "./members.ts";

export interface Request {
  kind: "request";
  id: string;
  method: string; // empty: the relay sent none
  path: string; // with its query
  body: string; // JSON as the client wrote it; empty: there is none
}

export type Incoming =
  | Request
  | { kind: "cancel"; id: string }
  | { kind: "nodes"; count: number }
  | { kind: "other" };

// What is no message of ours is "other", whatever it is: a page stays usable when its relay
// is newer than it.
export function readMessage(text: string): Incoming {
  const all = members(text);
  if (!all) return { kind: "other" };
  const type = stringOf(all.get("type"));
  const id = stringOf(all.get("id"));
  if (type === "cluster_sync") return { kind: "nodes", count: Number(all.get("count")) || 0 };
  if (!id) return { kind: "other" };
  if (type === "cancel") return { kind: "cancel", id };
  const path = stringOf(all.get("path"));
  if (type || !path) return { kind: "other" };
  const body = all.get("body") ?? "";
  return {
    kind: "request",
    id,
    method: stringOf(all.get("method")),
    path,
    body: body === "null" ? "" : body,
  };
}

function stringOf(json: string | undefined): string {
  if (!json?.startsWith('"')) return "";
  try {
    return JSON.parse(json) as string;
  } catch {
    return "";
  }
}

// `payload` and `chunks` are JSON already, and were checked.
export const payloadMessage = (id: string, payload: string) =>
  `{"id":${JSON.stringify(id)},"success":true,"payload":${payload}}`;
export const batchMessage = (id: string, chunks: string[]) =>
  `{"id":${JSON.stringify(id)},"stream":true,"type":"batch","chunks":[${chunks.join(",")}]}`;
export const endMessage = (id: string) => JSON.stringify({ id, stream: true, done: true });

export interface Failure {
  status: number; // HTTP
  error: string; // Google's own JSON where there is one: it tells of quotas and delays
  retryAfter?: string | undefined; // the header, where a page may read it
}

export function failureMessage(id: string, failure: Failure, inStream: boolean): string {
  const { error, status, retryAfter: retry_after } = failure;
  return JSON.stringify(
    inStream
      ? { id, stream: true, error, status, retry_after, done: true }
      : { id, success: false, error, status, retry_after },
  );
}
