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
  // How long the body lets the answer be: tokens of each candidate (0: it does not say).
  std::int64_t most_output = 0;
  std::int64_t candidates = 1;
  bool may_search = false;  // the body lets the answer search the web
  // kRaw only.
  std::string http_method;  // "GET"
  std::string path;         // "/v1beta/files/abc"
  std::string query;        // without "key" and "access_token", without "?"
  std::vector<std::pair<std::string, std::string>>
      headers;  // the client's, as far as they are passed
  // Resources of one upstream account that the call names ("files/abc",
  // "cachedContents/xyz"): only the credential that owns them can serve it.
  std::vector<std::string> resources;
  // An answer that is no stream, and large, may be given in pieces (provider::Batch::partial):
  // it goes to the client as it is.
  bool in_pieces = false;
  // Further calls whose answers make the same client answer (several images, long
  // lists of embeddings). Frames tell which call they answer; this one is 0.
  std::vector<Call> more;

  // What the client asked for is a stream of chunks.
  bool stream() const { return method == Method::kStreamGenerateContent; }
};

// One chunk on its way to the client. Both views live until the stream's next() is called.
struct Frame {
  PaddedView json;  // one GenerateContentResponse
  std::string_view
      wire;  // the same with its framing ("data: {...}\r\n\r\n"); == json when unframed
  std::uint32_t call = 0;  // which of the calls it answers (Call::more)
  // From a relay node, whose clients know another form of an array of chunks.
  bool by_relay = false;
};

struct Usage {
  std::int64_t prompt = 0;       // promptTokenCount; includes cached
  std::int64_t candidates = 0;   // candidatesTokenCount; without thoughts
  std::int64_t thoughts = 0;     // thoughtsTokenCount
  std::int64_t tool_prompt = 0;  // toolUsePromptTokenCount
  std::int64_t cached = 0;       // cachedContentTokenCount
  std::int64_t total = 0;        // totalTokenCount
  // Of the counts above, what Google prices apart: sound in the prompt, and pictures and
  // sound in the answer.
  std::int64_t audio_prompt = 0;
  std::int64_t media_candidates = 0;
  // What some models are priced by instead, or besides: pictures and seconds of film of calls
  // that make nothing else (pieces.h), and what was searched for on the web.
  std::int64_t images = 0;
  std::int64_t seconds = 0;
  std::int64_t searches = 0;
};

// Something small that is to be remembered for later requests of the same token.
struct Memo {
  enum class Kind : std::uint8_t {
    kSignature,  // key: a tool call's id; value: its thought signature, escaped
    kResponse,   // key: a response's id; value: the conversation up to its end, JSON
  };
  Kind kind = Kind::kSignature;
  std::string key;
  std::string value;
};

// Something generated that the client gets as a link: kept by the gateway before
// the answer's last byte goes out.
struct Media {
  std::string suffix;  // of its name, behind AnswerContext::media_base: "-1.png"
  std::string base64;
};

// What an answer has shown so far. Dialect encoders fill it as they read chunks.
struct Tally {
  Usage usage;                // cumulative on the wire: the last one seen counts
  bool content = false;       // any part that a client would miss
  bool finished = false;      // a finishReason or a blockReason was seen
  std::string finish_reason;  // the last one, as Gemini wrote it ("STOP"), or "BLOCKED:<reason>"
  // Of a candidate that ends with CONTINUATION, escaped: the same request with this
  // as continuationToken gives the rest.
  std::string continuation;
  std::vector<Media> media;
  std::vector<Memo> memos;  // kept by the gateway when the exchange ends well
};

}  // namespace wasat::gemini
