#include "admin/throttle.h"

#include <algorithm>

#include "base/cidr.h"

namespace wasat::admin {
namespace {

// Of IPv6 the network: one machine has 2^64 addresses to try from.
std::string key_of(std::string_view address) {
  const std::optional<IpAddress> ip = parse_ip(address);
  if (!ip) return std::string(address.substr(0, 64));
  const bool is_v4 = Cidr::parse("::ffff:0:0/96")->contains(*ip);
  return std::string(reinterpret_cast<const char*>(ip->data()), is_v4 ? 16 : 8);
}

bool is_loopback(std::string_view address) {
  const std::optional<IpAddress> ip = parse_ip(address);
  return ip && (Cidr::parse("127.0.0.0/8")->contains(*ip) || Cidr::parse("::1")->contains(*ip));
}

std::chrono::seconds left(Clock::Steady until, Clock::Steady now) {
  return std::chrono::ceil<std::chrono::seconds>(until - now);
}

}  // namespace

void Throttle::count(Tries& tries, unsigned free_tries, std::chrono::seconds most,
                     Clock::Steady now) const {
  if (now - tries.last > options_.forget) tries = {};
  ++tries.count;
  tries.last = now;
  if (tries.count < free_tries) return;
  const unsigned doublings = std::min(tries.count - free_tries, 16u);
  tries.wait_until = now + std::min(most, std::chrono::seconds(std::int64_t{1} << doublings));
}

void Throttle::make_room(Clock::Steady now) {
  if (addresses_.size() < options_.most_addresses) return;
  std::erase_if(addresses_,
                [&](const auto& entry) { return now - entry.second.last > options_.forget; });
  while (addresses_.size() >= options_.most_addresses) {
    addresses_.erase(std::ranges::min_element(addresses_, {},
                                              [](const auto& entry) { return entry.second.last; }));
  }
}

std::optional<std::chrono::seconds> Throttle::begin(std::string_view address) {
  const Clock::Steady now = clock_.now();
  const std::lock_guard lock(mutex_);
  std::string key = key_of(address);
  if (const auto known = addresses_.find(key); known != addresses_.end()) {
    if (known->second.wait_until > now) return left(known->second.wait_until, now);
  }
  // Whoever sits at the machine itself is not kept out by others.
  if (!is_loopback(address)) {
    if (all_.wait_until > now) return left(all_.wait_until, now);
    count(all_, options_.free_tries_of_all, options_.most_wait_of_all, now);
  }
  make_room(now);
  count(addresses_[std::move(key)], options_.free_tries, options_.most_wait, now);
  return std::nullopt;
}

void Throttle::succeeded(std::string_view address) {
  const std::lock_guard lock(mutex_);
  addresses_.erase(key_of(address));
  if (!is_loopback(address) && all_.count > 0) {
    --all_.count;
    if (all_.count < options_.free_tries_of_all) all_.wait_until = {};
  }
}

std::size_t Throttle::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_.size();
}

}  // namespace wasat::admin
