// The common language: one call to Gemini, and what comes back.
//
// Every dialect makes a Call, every provider takes one. Bodies are Gemini's own
// JSON (generativelanguage.googleapis.com, v1beta).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/body.h"
#include "base/result.h"

namespace wasat::gemini {

enum class Method : std::uint8_t {
  kGenerateContent,
  kStreamGenerateContent,
  kCountTokens,
  kEmbedContent,
  kBatchEmbedContents,
  kListModels,
  kGetModel,
  kRaw,  // any other path: passed through with its own method, path and query
};

std::string_view method_name(Method method);  // "generateContent"; "raw"

struct Call {
  Method method = Method::kGenerateContent;
  std::string model;               // bare: "gemini-2.5-flash"; empty when the method has none
  std::string version = "v1beta";  // the API version of the upstream path
  Body body;                       // request JSON; empty for GET
  // kRaw only.
  std::string http_method;  // "GET"
  std::string path;         // "/v1beta/files/abc"
  std::string query;        // without "key" and "access_token", without "?"
  std::vector<std::pair<std::string, std::string>>
      headers;  // the client's, as far as they are passed

  // What the client asked for is a stream of chunks.
  bool stream() const { return method == Method::kStreamGenerateContent; }
};

// One chunk on its way to the client. Both views live until the stream's next() is called.
struct Frame {
  PaddedView json;  // one GenerateContentResponse
  std::string_view
      wire;  // the same with its framing ("data: {...}\r\n\r\n"); == json when unframed
};

struct Usage {
  std::int64_t prompt = 0;       // promptTokenCount; includes cached
  std::int64_t candidates = 0;   // candidatesTokenCount; without thoughts
  std::int64_t thoughts = 0;     // thoughtsTokenCount
  std::int64_t tool_prompt = 0;  // toolUsePromptTokenCount
  std::int64_t cached = 0;       // cachedContentTokenCount
  std::int64_t total = 0;        // totalTokenCount
};

// What an answer has shown so far. Dialect encoders fill it as they read chunks.
struct Tally {
  Usage usage;                // cumulative on the wire: the last one seen counts
  bool content = false;       // any part that a client would miss
  bool finished = false;      // a finishReason or a blockReason was seen
  std::string finish_reason;  // the last one, as Gemini wrote it ("STOP"), or "BLOCKED:<reason>"
};

}  // namespace wasat::gemini
