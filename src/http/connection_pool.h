// Connections to upstreams that wait for their next request.
//
// Belongs to one worker. A kept connection is watched: when the upstream closes
// it or speaks out of turn, it is dropped at once.

#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "http/client.h"

namespace wasat::http {

struct Connection {
  net::Stream stream;
  net::TimePoint opened;
  bool reused = false;
};

struct Client::Pool {
  Pool(net::Loop& loop, const ClientOptions& options) : loop_(loop), options_(options) {}

  // The connection that was used last, or an empty one.
  Connection take(const std::string& key);
  void keep(const std::string& key, Connection connection);
  std::size_t size() const;
  void clear() { idle_.clear(); }

 private:
  struct Idle {
    Pool* pool;
    std::string key;
    Connection connection;
    net::TimePoint since;
    std::list<std::unique_ptr<Idle>>::iterator place;
  };
  struct Sweep final : net::TimerEntry {
    explicit Sweep(Pool& owner) : pool(owner) {}
    void expired() override { pool.sweep(); }
    Pool& pool;
  };
  static void on_event(void* idle);
  void sweep();

  net::Loop& loop_;
  ClientOptions options_;
  Sweep sweep_{*this};
  std::unordered_map<std::string, std::list<std::unique_ptr<Idle>>> idle_;  // newest first
};

// What connections are shared by.
std::string pool_key(const Upstream& upstream);

}  // namespace wasat::http
