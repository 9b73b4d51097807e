// Client: HTTP requests to upstreams, from one worker.
//
// Speaks in streams: send() gives the answer's head and a ClientStream from which
// the body is pulled; what carries it (HTTP/1.1 today) is not visible. Connections
// are kept alive per (origin, proxy), within limits of number, idleness and age.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/body.h"
#include "base/cancel.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "net/connector.h"

namespace wasat::http {

struct ClientOptions {
  std::chrono::seconds idle_timeout{55};  // a kept connection unused for this long is closed
  std::chrono::seconds max_age{600};      // older connections serve no further request
  std::size_t max_idle_per_origin = 256;
  std::size_t max_head = 64 * 1024;  // bytes of a response head
  std::chrono::seconds connect_timeout{10};
};

// Wants to know of connections by proxies. Called by workers: must not block.
class ProxyWatch {
 public:
  virtual ~ProxyWatch() = default;
  // The proxy is why there is no connection.
  virtual void failed(const net::Proxy& proxy, const Error& error) = 0;
  virtual void worked(const net::Proxy& proxy) = 0;
};

// Where a request goes. Must outlive the sending.
struct Upstream {
  net::Origin origin;
  std::optional<net::Proxy> proxy;
  // Of what a stranger chose: each request gets a connection of its own, to an
  // address that the rules allow. Null: any address.
  const net::AddressRules* rules = nullptr;

  bool operator==(const Upstream&) const = default;
};

// A body that is passed on as it comes, once: a request with one cannot be repeated.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Up to room.size() bytes; 0 is the end.
  virtual Task<Result<std::size_t>> read(std::span<char> room) = 0;
  // As announced; nullopt: not known.
  virtual std::optional<std::uint64_t> length() const = 0;
};

struct ClientRequest {
  std::string_view method;          // "POST"
  std::string_view target;          // path and query
  std::span<const Header> headers;  // all but Host, Content-Length and framing
  const Body* body = nullptr;       // null: none
  BodySource* source = nullptr;     // instead of `body`; read once
  // Of a source, which may come slowly: each piece has this long to go out, and the
  // answer's head this long to come behind the last. 0: the request's deadline is for all.
  std::chrono::seconds source_stall{0};
  // Asks to speak this protocol instead ("websocket"), on a connection of its own.
  std::string_view upgrade;
  // Told how a connection by the upstream's proxy fares; null: nobody.
  ProxyWatch* watch = nullptr;
};

// The answer to one request. Destroying it before the body's end closes its connection.
class ClientStream {
 public:
  virtual ~ClientStream() = default;

  virtual int status() const = 0;
  virtual std::span<const Header> headers() const = 0;
  std::string_view header(std::string_view name) const { return find_header(headers(), name); }
  virtual std::optional<std::uint64_t> content_length() const = 0;

  struct Piece {
    std::string_view bytes;  // kPadding readable bytes follow; valid until the next read()
    bool idle = false;       // the deadline passed; reading goes on with the next read()
    bool ended = false;      // the body is complete with this piece
  };
  // The next bytes of the body as soon as there are any. Errors: kUpstreamFailed
  // when the connection breaks within the body, kCancelled.
  virtual Task<Result<Piece>> read(net::TimePoint deadline) = 0;

  // Of an answer with status 101, once: the connection, and what came behind the head.
  struct Upgraded {
    net::Stream stream;
    net::Block input;
  };
  virtual Upgraded take_upgraded() = 0;
};

class Client {
 public:
  // `resolver`: null makes its own.
  Client(net::Loop& loop, net::TlsContext& tls, ClientOptions options = {},
         std::unique_ptr<net::Resolver> resolver = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // On the loop's thread, for connections that are kept already, too. The bound of a
  // response's head is for requests to come.
  void configure(const ClientOptions& options);

  // Sends the request and waits for the answer's head. A kept connection that
  // closes before any byte of an answer is replaced once without telling. The answer may come
  // before all of the body is sent. `cancel` also ends later reads; it must
  // outlive the stream. Errors: kTimeout, kUpstreamFailed (retry: next
  // credential), kCancelled.
  WASAT_OWN_FRAME Task<Result<std::unique_ptr<ClientStream>>> send(const Upstream& upstream,
                                                                   ClientRequest request,
                                                                   net::TimePoint deadline,
                                                                   Cancel* cancel);

  net::Loop& loop() { return loop_; }
  // For connections that are no requests.
  net::Connector& connector() { return connector_; }

  std::size_t idle_connections() const;
  // Closes all kept connections.
  void close_idle();

  struct Pool;

 private:
  net::Loop& loop_;
  net::Connector connector_;
  std::shared_ptr<Pool> pool_;
};

}  // namespace wasat::http
