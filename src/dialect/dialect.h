// A dialect: one protocol that clients speak, as pure functions over bytes.
//
// A dialect turns a client's request into one gemini::Call and Gemini's chunks
// into the client's answer. It does no I/O, reads no clock and draws no random
// numbers: what it needs of those comes in by AnswerContext. Dialect objects are
// immutable and shared by all workers; Parsed and Encoder belong to one exchange.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/body.h"
#include "base/result.h"
#include "gemini/call.h"

namespace wasat::dialect {

// A client's request after admission: routed, authenticated, body taken in.
struct Request {
  std::string_view http_method;  // "POST"
  std::string_view path;   // decoded of nothing, "//" collapsed, without the dialect's mount prefix
  std::string_view query;  // without "?"; may hold "key=" (never log it)
  // The body, decoded of its content coding. Never null; empty for GET.
  std::shared_ptr<const Buffer> body;
};

// What an answer needs from the outside world, fixed when the exchange starts.
struct AnswerContext {
  std::int64_t created = 0;  // unix seconds
  // 24 random characters of [a-zA-Z0-9]; ids of the answer and of its tool calls derive from them.
  std::string id;
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

  // The call, for the model that the plan chose (`upstream_model`).
  [[nodiscard]] virtual Result<gemini::Call> lower(std::string_view upstream_model) = 0;
  [[nodiscard]] virtual std::unique_ptr<Encoder> encoder(const AnswerContext& context) = 0;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  // "gemini", "openai_chat"
  // Whether parse() looks at the body of such a request. If not, the body may be
  // passed on while it comes.
  virtual bool reads_body(std::string_view /*http_method*/, std::string_view /*path*/,
                          std::string_view /*query*/) const {
    return true;
  }
  [[nodiscard]] virtual Result<std::unique_ptr<Parsed>> parse(const Request& request) const = 0;
  [[nodiscard]] virtual ErrorReply error(const Error& error) const = 0;
};

}  // namespace wasat::dialect
