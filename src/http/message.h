// What HTTP/1 and HTTP/2 have in common: header fields and the two sides of an
// exchange as streams.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "base/cancel.h"
#include "base/result.h"
#include "base/task.h"
#include "net/stream.h"

namespace wasat::http {

struct Header {
  std::string_view name;
  std::string_view value;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);
// The value of the first header with this name; empty if there is none.
std::string_view find_header(std::span<const Header> headers, std::string_view name);

std::string_view reason_phrase(int status);

struct BodyLimits {
  std::size_t wire_bytes = 256u << 20;     // as sent
  std::size_t decoded_bytes = 256u << 20;  // after the content coding
};

// A client's request, as the server hands it to a Handler. Views live until the
// handler returns.
class ServerRequest {
 public:
  virtual ~ServerRequest() = default;

  std::string_view method;  // "POST"
  std::string_view target;  // "/v1beta/models?pageSize=3" as sent
  std::string_view path;    // before "?"; dot segments were refused
  std::string_view query;   // behind "?"
  std::span<const Header> headers;
  std::string_view remote_address;  // "127.0.0.1", "::1": the peer of the socket

  std::string_view header(std::string_view name) const { return find_header(headers, name); }

  // Takes the whole body in, sends "100 Continue" when it is expected, and undoes
  // one content coding (content_coding.h). Errors: kTooLarge, kUnsupportedMedia, kInvalidRequest,
  // kTimeout, kCancelled. Once only; never null.
  virtual Task<Result<std::shared_ptr<const Buffer>>> read_body(BodyLimits limits) = 0;
  // Or piece by piece, undecoded: up to `room.size()` bytes; 0 is the end.
  virtual Task<Result<std::size_t>> read_some(std::span<char> room) = 0;
  // Length of the body as announced; nullopt when chunked.
  virtual std::optional<std::uint64_t> content_length() const = 0;
  // Requested when the client leaves. It is noticed once the body has been read.
  virtual Cancel& departed() = 0;
};

// A connection that speaks another protocol from now on. The server keeps the stream
// and closes it when the handler returns.
struct Upgraded {
  net::Stream& stream;
  net::Block input;    // what the client has sent behind its head already
  Cancel& going_away;  // requested when the server drains: take leave soon
};

// The answer to a ServerRequest. Framing (Content-Length, Transfer-Encoding,
// Connection, Date) is the server's business: never pass those headers.
// HEAD: bodies are counted and dropped.
class ServerResponse {
 public:
  virtual ~ServerResponse() = default;

  // The whole answer, in one write.
  virtual Task<Result<>> send(int status, std::span<const Header> headers,
                              std::string_view body) = 0;
  // Or a head, then any number of writes, then finish(). The head goes out with
  // the first write, or by flush. With `content_length` the writes must add up to it.
  virtual void start(int status, std::span<const Header> headers,
                     std::optional<std::uint64_t> content_length = std::nullopt) = 0;
  // Waits until the kernel took all of it (back-pressure). An error: the client
  // is gone or read too slowly.
  virtual Task<Result<>> write(std::string_view bytes) = 0;
  // The same, and the stream's end, in as few writes as possible.
  virtual Task<Result<>> finish(std::string_view last = {}) = 0;
  // Instead of an answer: 101 with these headers beside Upgrade and Connection. The
  // client's departure is then for the new protocol to notice; the request's departed() is
  // requested when the server cuts its connections. Only for a request without a body.
  virtual Task<Result<Upgraded>> upgrade(std::string_view protocol,
                                         std::span<const Header> headers) = 0;
  // Cuts the connection so that the client sees a broken answer, not a complete one.
  virtual void abort() = 0;
  // Closes the connection behind this answer.
  virtual void close_after() = 0;

  virtual bool started() const = 0;              // a head was given
  virtual std::uint64_t bytes_sent() const = 0;  // of the body
};

// Called on the connection's worker, one call per request. When it returns
// without a complete answer, the connection is cut.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<> handle(ServerRequest& request, ServerResponse& response) = 0;
  // The JSON body for a request that is refused before it can be handled;
  // `target` is what could be read of it.
  virtual std::string refusal(const Error& error, std::string_view target) = 0;
};

}  // namespace wasat::http
