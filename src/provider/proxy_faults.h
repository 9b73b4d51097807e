// ProxyFaults: which proxies have failed, and for how long each is left alone.
//
// One for all workers; any thread.

#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/client.h"

namespace wasat::provider {

class ProxyFaults final : public http::ProxyWatch {
 public:
  static constexpr std::chrono::seconds kFirstRest{5};  // doubles with each failure in a row
  static constexpr std::chrono::seconds kLongestRest{60};

  // `clock` outlives this.
  explicit ProxyFaults(const Clock& clock) : clock_(clock) {}
  ProxyFaults(const ProxyFaults&) = delete;
  ProxyFaults& operator=(const ProxyFaults&) = delete;

  void failed(const net::Proxy& proxy, const Error& error) override;
  void worked(const net::Proxy& proxy) override;
  // All are tried again: the proxies are others now, or what was wrong with them was mended.
  void forget();

  bool none() const { return count_.load(std::memory_order_acquire) == 0; }
  // Whether it is left alone now, and why.
  bool rests(const net::Proxy& proxy, std::string* why = nullptr) const;

  struct Trouble {
    std::string proxy;  // its name, without a password
    std::string error;
    std::chrono::seconds rests;  // still
  };
  // Proxies that failed last time; for operators.
  std::vector<Trouble> troubles() const;

 private:
  struct Fault {
    int in_a_row = 0;
    Clock::Steady rests_until;
    std::string error;
  };

  const Clock& clock_;
  std::atomic<std::size_t> count_{0};  // spares the lock when all is well
  mutable std::mutex mutex_;
  std::map<std::string, Fault> faults_;  // by the proxy's name
};

}  // namespace wasat::provider
