#include "http/connection_pool.h"

namespace wasat::http {
namespace {

constexpr std::chrono::seconds kSweepEvery{5};

}  // namespace

std::string pool_key(const Upstream& upstream) {
  std::string key = upstream.origin.tls ? "s " : "p ";
  key += upstream.origin.authority();
  if (upstream.proxy) {
    const net::Proxy& proxy = *upstream.proxy;
    key += " by " + proxy.name() + " " + proxy.authorization + proxy.user;
    if (!proxy.user.empty()) key.append(1, '\0').append(proxy.password);
  }
  return key;
}

Connection Client::Pool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end() || found->second.empty()) return {};
  const std::unique_ptr<Idle> idle = std::move(found->second.front());
  found->second.pop_front();
  idle->connection.stream.socket().unwatch();
  idle->connection.reused = true;
  return std::move(idle->connection);
}

void Client::Pool::keep(const std::string& key, Connection connection) {
  const net::TimePoint now = std::chrono::steady_clock::now();
  if (now - connection.opened > options_.max_age) return;
  auto& list = idle_[key];
  if (list.size() >= options_.max_idle_per_origin) return;
  list.push_front(std::make_unique<Idle>(this, key, std::move(connection), now));
  Idle& idle = *list.front();
  idle.place = list.begin();
  if (!sweep_.scheduled()) loop_.schedule(sweep_, now + kSweepEvery);
  idle.connection.stream.socket().watch(on_event, &idle);  // may drop it at once
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
  idle.pool->idle_[idle.key].erase(idle.place);
}

void Client::Pool::sweep() {
  const net::TimePoint now = std::chrono::steady_clock::now();
  bool any = false;
  for (auto& [key, list] : idle_) {
    while (!list.empty() && now - list.back()->since > options_.idle_timeout) list.pop_back();
    any = any || !list.empty();
  }
  if (any) loop_.schedule(sweep_, now + kSweepEvery);
}

std::size_t Client::Pool::size() const {
  std::size_t total = 0;
  for (const auto& [key, list] : idle_) total += list.size();
  return total;
}

}  // namespace wasat::http
