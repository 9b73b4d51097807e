// A dialect: one protocol that clients speak, as pure functions over bytes.
//
// A dialect turns a client's request into one gemini::Call and Gemini's chunks
// into the client's answer. It does no I/O, reads no clock and draws no random
// numbers: what it needs of those comes in by AnswerContext. Dialect objects are
// immutable and shared by all workers; Parsed and Encoder belong to one exchange.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/body.h"
#include "base/result.h"
#include "dialect/options.h"
#include "gemini/call.h"
#include "gemini/derived_model.h"

namespace wasat::dialect {

// A client's request after admission: routed, authenticated, body taken in.
struct Request {
  std::string_view http_method;  // "POST"
  std::string_view path;   // decoded of nothing, "//" collapsed, without the dialect's mount prefix
  std::string_view query;  // without "?"; may hold "key=" (never log it)
  std::string_view content_type;  // "multipart/form-data; boundary=x"; may be empty
  // The body, decoded of its content coding. Never null; empty for GET.
  std::shared_ptr<const Buffer> body;
  const Options& options = kDefaultOptions;  // outlives what is parsed
};

// What a request cannot be lowered without, and a dialect cannot find itself.
struct Needs {
  struct Key {
    gemini::Memo::Kind kind;
    std::string key;
  };
  std::vector<std::string> urls;  // http(s), to be fetched; each once
  std::vector<Key> memos;         // to be looked up

  bool empty() const { return urls.empty() && memos.empty(); }
};

// What the gateway has found of a request's needs.
struct Findings {
  struct Fetched {
    std::string mime_type;                      // without parameters
    std::shared_ptr<const std::string> base64;  // of the bytes
  };
  std::map<std::string, Result<Fetched>, std::less<>> fetched;  // by URL: every one, or why not
  std::map<std::string, std::string, std::less<>> memos;        // by key: those that exist
  // The upstream refused a signature: send none but the bypass.
  bool without_signatures = false;
  // The upstream refused a schema: say it in OpenAPI's subset.
  bool openapi_schemas = false;
};

// For which model a request is lowered.
struct ChosenModel {
  std::string_view name;         // upstream name, without derived suffixes
  gemini::DerivedModel derived;  // what the suffixes of the client's name ask for
};

// What an answer needs from the outside world, fixed when the exchange starts.
struct AnswerContext {
  std::int64_t created = 0;  // unix seconds
  // 24 random characters of [a-zA-Z0-9]; ids of the answer and of its tool calls derive from them.
  std::string id;
  // Where this answer's media will be found, up to the part of the name that nobody
  // can guess ("https://host/media/x7Q..."); media_link.h does the rest. Empty: no links.
  std::string media_base;
};

// What goes to the client when a call fails before the first byte.
struct ErrorReply {
  int status = 500;
  std::string body;                                          // application/json
  std::vector<std::pair<std::string, std::string>> headers;  // retry-after, x-should-retry
};

// Turns chunks into the client's bytes. Streamed: bytes come out as chunks go
// in. Not streamed: finish() gives everything.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual std::string_view content_type() const = 0;
  // frame() and finish() may take longer than a worker can spare (audio coding).
  virtual bool heavy() const { return false; }

  // Appends to `out` what the client gets for this frame, and notes in `tally`
  // what it showed. An error: the frame cannot be understood.
  [[nodiscard]] virtual Result<> frame(const gemini::Frame& frame, gemini::Tally& tally,
                                       std::string& out) = 0;
  // The upstream ended the answer in good order. An error here (nothing came,
  // blocked prompt, ...) is answered as ErrorReply when no byte has gone out,
  // else by error().
  [[nodiscard]] virtual Result<> finish(gemini::Tally& tally, std::string& out) = 0;
  // Streams only: the dialect's mid-stream form of an error; nothing follows.
  virtual void error(const Error& error, std::string& out) = 0;
  // Streams only: something harmless that keeps the connection from looking dead.
  virtual void heartbeat(std::string& out) = 0;
};

// A request in typed form. Views point into the request's body, which it shares.
class Parsed {
 public:
  virtual ~Parsed() = default;

  // As the client wrote it, prefixes removed ("models/", "google/"). May be empty (list of models).
  std::string model;
  bool stream = false;
  Needs needs;
  // A raw call's answer goes to the client as it is; else it is given to the
  // encoder whole, as one frame.
  bool passes_answer = false;
  // No upstream is asked: lower() gets what was found, its call is not made, and the
  // encoder's finish() gives the answer.
  bool answers_itself = false;

  // The call, for the model that the plan chose. Can be called again (with other findings).
  [[nodiscard]] virtual Result<gemini::Call> lower(const ChosenModel& chosen,
                                                   const Findings& findings) = 0;
  [[nodiscard]] virtual std::unique_ptr<Encoder> encoder(const AnswerContext& context) = 0;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  // "gemini", "openai_chat", "anthropic"
  // Whether parse() looks at the body of such a request. If not, the body may be
  // passed on while it comes.
  virtual bool reads_body(std::string_view /*http_method*/, std::string_view /*path*/,
                          std::string_view /*query*/) const {
    return true;
  }
  [[nodiscard]] virtual Result<std::unique_ptr<Parsed>> parse(const Request& request) const = 0;
  [[nodiscard]] virtual ErrorReply error(const Error& error) const = 0;
  // The same for dialects whose errors name the exchange (AnswerContext::id).
  [[nodiscard]] virtual ErrorReply error_in(const Error& error, std::string_view /*id*/) const {
    return this->error(error);
  }
  // The header in which clients look for the exchange's id, beside x-request-id; empty: none.
  virtual std::string_view id_header() const { return {}; }
};

}  // namespace wasat::dialect
