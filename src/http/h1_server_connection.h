// One client's HTTP/1.1 connection: requests in, answers out, in order.
//
// Between requests it holds no buffer and only its outermost coroutine frame.

#pragma once

#include <array>
#include <string>

#include "http/chunked.h"
#include "http/h1_parser.h"
#include "http/message.h"
#include "http/server.h"
#include "net/stream.h"

namespace wasat::http {

class H1ServerConnection {
 public:
  H1ServerConnection(Server& server, net::Socket socket, std::string peer);

  // Until the connection's end. The object must not move meanwhile.
  Task<> run();
  // No further request; closes now if none is being served.
  void drain();
  void abort();

 private:
  class Request;
  class Response;

  enum class Next : std::uint8_t { kKeepAlive, kClose, kLinger };

  WASAT_OWN_FRAME Task<Next> serve_requests();
  Task<Next> serve_one(Request& request, Response& response);
  WASAT_OWN_FRAME Task<Result<std::size_t>> read_head();
  WASAT_OWN_FRAME static Task<bool> skip_body(Request& request);
  WASAT_OWN_FRAME Task<Next> refuse(Response& response, Error error, int status,
                                    std::string_view target);
  WASAT_OWN_FRAME Task<> linger();

  // What ends a wait for the client's bytes: draining, unless they belong to a
  // request that is being handled.
  Cancel* reading_cancel() { return handling_ ? nullptr : &idle_; }
  // Reads what the socket has into input_, waiting for at least one byte.
  Task<Result<>> fill(net::TimePoint deadline);

  const ServerOptions& options() const { return server_.options_; }
  net::Loop& loop() { return server_.loop_; }

  Server& server_;
  net::Stream stream_;
  std::string peer_;
  net::Block input_;           // read but not consumed; the start of the next request
  Cancel idle_;                // ends the wait for a request
  Cancel* serving_ = nullptr;  // of the request that is being served
  bool handling_ = false;      // the handler has a request
  bool closing_ = false;
};

}  // namespace wasat::http
