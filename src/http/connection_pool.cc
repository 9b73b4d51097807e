#include "http/connection_pool.h"

namespace wasat::http {
namespace {

constexpr std::chrono::seconds kSweepEvery{5};

// What connections are shared by.
std::string shelf_key(const Upstream& upstream) {
  std::string key = upstream.origin.tls ? "s " : "p ";
  key += upstream.origin.authority();
  if (upstream.proxy) {
    const net::Proxy& proxy = *upstream.proxy;
    key += " by " + proxy.name() + " " + proxy.authorization + proxy.user;
    if (!proxy.user.empty()) key.append(1, '\0').append(proxy.password);
  }
  return key;
}

}  // namespace

Client::Pool::Shelf& Client::Pool::shelf(const Upstream& upstream) {
  if (last_.shelf != nullptr && last_.origin == upstream.origin && last_.proxy == upstream.proxy) {
    return *last_.shelf;
  }
  Shelf& shelf = shelves_[shelf_key(upstream)];
  if (shelf.authority.empty()) shelf.authority = upstream.origin.authority();
  last_ = {upstream.origin, upstream.proxy, &shelf};
  return shelf;
}

Connection Client::Pool::take(Shelf& shelf) {
  if (shelf.idle.empty()) return {};
  const std::unique_ptr<Idle> idle = std::move(shelf.idle.front());
  shelf.idle.pop_front();
  idle->connection.stream.socket().unwatch();
  idle->connection.reused = true;
  return std::move(idle->connection);
}

void Client::Pool::keep(Shelf& shelf, Connection connection) {
  const net::TimePoint now = std::chrono::steady_clock::now();
  if (now - connection.opened > options.max_age) return;
  if (shelf.idle.size() >= options.max_idle_per_origin) return;
  shelf.idle.push_front(std::make_unique<Idle>(&shelf, std::move(connection), now));
  Idle& idle = *shelf.idle.front();
  idle.place = shelf.idle.begin();
  if (!sweep_.scheduled()) loop_.schedule(sweep_, now + kSweepEvery);
  idle.connection.stream.socket().watch(on_event, &idle);  // may drop it at once
}

void Client::Pool::clear() {
  for (auto& [key, shelf] : shelves_) shelf.idle.clear();
}

// Closed by the upstream, or TLS has something to tell (new session tickets).
void Client::Pool::on_event(void* argument) {
  auto& idle = *static_cast<Idle*>(argument);
  char byte;
  const net::IoResult result = idle.connection.stream.try_read({&byte, 1});
  if (result.would_block()) {
    idle.connection.stream.socket().watch(on_event, &idle);
    return;
  }
  idle.shelf->idle.erase(idle.place);
}

void Client::Pool::sweep() {
  const net::TimePoint now = std::chrono::steady_clock::now();
  bool any = false;
  for (auto& [key, shelf] : shelves_) {
    auto& list = shelf.idle;
    while (!list.empty() && now - list.back()->since > options.idle_timeout) list.pop_back();
    any = any || !list.empty();
  }
  if (any) loop_.schedule(sweep_, now + kSweepEvery);
}

std::size_t Client::Pool::size() const {
  std::size_t total = 0;
  for (const auto& [key, shelf] : shelves_) total += shelf.idle.size();
  return total;
}

}  // namespace wasat::http
