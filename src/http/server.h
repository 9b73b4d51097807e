// Server: HTTP/1.1 on one worker.
//
// Takes accepted sockets, runs one task per connection, and hands each request
// to the Handler. Ends by drain(): idle connections close at once, the others
// behind the answer they are giving; then scope().empty() becomes true.

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/byte_budget.h"
#include "base/task.h"
#include "http/message.h"
#include "net/socket.h"

namespace wasat::http {

struct ServerOptions {
  std::size_t max_head = 32 * 1024;                // bytes
  std::chrono::milliseconds idle_timeout{75'000};  // between two requests
  std::chrono::milliseconds head_timeout{30'000};  // from a head's first byte to its last
  std::chrono::milliseconds body_stall{60'000};    // without a byte of the body
  std::chrono::milliseconds write_stall{60'000};   // without the client taking a byte
  std::chrono::milliseconds linger{2'000};         // reading on behind an early answer
  ByteBudget* body_budget = nullptr;               // may be null: no budget
  // Targets where strangers knock for a connection that stays: their heads are held to less.
  bool (*is_door)(std::string_view target) = nullptr;
  std::size_t door_head = 4 * 1024;  // bytes
  std::chrono::milliseconds door_timeout{5'000};
};

class H1ServerConnection;

class Server {
 public:
  // `handler` and what `options` points to must outlive the server.
  Server(net::Loop& loop, Handler& handler, ServerOptions options);
  ~Server();

  // On the loop's thread: waits and requests that begin from now on are held to these.
  void configure(const ServerOptions& options) { options_ = options; }

  // Serves the connection until its end. `peer` is the client's address in text form.
  void serve(net::Socket socket, std::string peer);
  void drain();
  // Cuts all connections that are still open.
  void abort_all();

  TaskScope& scope() { return scope_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  friend class H1ServerConnection;
  WASAT_OWN_FRAME Task<> run(net::Socket socket, std::string peer);

  net::Loop& loop_;
  Handler& handler_;
  ServerOptions options_;
  bool draining_ = false;
  std::unordered_set<H1ServerConnection*> connections_;
  TaskScope scope_;
};

}  // namespace wasat::http
