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
  struct Idle;
  // Those to one origin by one way, newest first.
  struct Shelf {
    std::string authority;  // of the origin, for Host headers
    std::list<std::unique_ptr<Idle>> idle;
  };

  Pool(net::Loop& loop, const ClientOptions& its_options) : options(its_options), loop_(loop) {}

  ClientOptions options;

  // Stays where it is as long as the pool.
  Shelf& shelf(const Upstream& upstream);
  // The connection that was used last, or an empty one.
  static Connection take(Shelf& shelf);
  void keep(Shelf& shelf, Connection connection);
  std::size_t size() const;
  void clear();

 private:
  struct Sweep final : net::TimerEntry {
    explicit Sweep(Pool& owner) : pool(owner) {}
    void expired() override { pool.sweep(); }
    Pool& pool;
  };
  static void on_event(void* idle);
  void sweep();

  net::Loop& loop_;
  Sweep sweep_{*this};
  std::unordered_map<std::string, Shelf> shelves_;
  // The one that was asked for last: nearly every request has the same upstream.
  struct Last {
    net::Origin origin;
    std::optional<net::Proxy> proxy;
    Shelf* shelf = nullptr;
  };
  Last last_;
};

struct Client::Pool::Idle {
  Shelf* shelf;
  Connection connection;
  net::TimePoint since;
  std::list<std::unique_ptr<Idle>>::iterator place;
};
}  // namespace wasat::http
