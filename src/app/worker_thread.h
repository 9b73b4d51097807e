// WorkerThread: one worker: a loop on a thread of its own with a server, an
// upstream client and a gateway.
//
// Made, started and ended by the Service. drain() stops accepting and lets the
// requests under way end; abort() cuts them. The destructor joins.

#pragma once

#include <functional>
#include <string>
#include <thread>

#include "gateway/gateway.h"
#include "gateway/media_purge.h"
#include "http/server.h"
#include "net/listener.h"

namespace wasat::app {

class WorkerThread {
 public:
  struct Parts {
    const gateway::Shared& shared;
    net::TlsContext& tls;
    observe::LineLog& log;
    std::size_t number;
    http::ServerOptions server;
    http::ClientOptions client;
    std::function<void()> drained;  // called once, on the worker's thread
  };

  explicit WorkerThread(Parts parts);
  ~WorkerThread();

  // Accepts from `listening_fd`, which stays the caller's.
  void start(int listening_fd);
  void drain();
  void abort();
  // Any thread, while it runs.
  void configure(const http::ServerOptions& server, const http::ClientOptions& client);
  // Connections to upstreams that wait for their next request.
  void close_idle();

 private:
  void check_drained();

  Parts parts_;
  net::Loop loop_;
  http::Client client_;
  gateway::Background background_;
  gateway::Worker worker_;
  gateway::Gateway gateway_;
  gateway::MediaPurge media_purge_;  // at work in the first worker only
  http::Server server_;
  TaskScope accepting_;
  Cancel stop_health_;
  TaskScope health_;  // rounds of checks, on the first worker alone
  std::unique_ptr<net::Listener> listener_;
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace wasat::app
