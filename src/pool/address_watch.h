// AddressWatch: tells a limit on the server's address from limits on credentials.
//
// A bare 429, without a quota, may be about either. When several credentials in a
// row get one and no attempt succeeds in between, it is the address: they are not to
// blame, and resting them all would leave nobody. Shared by all workers.

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "pool/moment.h"

namespace wasat::pool {

class AddressWatch {
 public:
  static constexpr std::size_t kSeveral = 3;  // different credentials
  static constexpr Ticks kShortTime = 30'000'000'000;

  struct Suspect {
    std::uint32_t credential;  // its number
    std::string model;
  };
  struct Verdict {
    bool address = false;
    std::uint32_t refusals = 0;     // in a row, while it is the address
    std::vector<Suspect> innocent;  // who was taken for guilty before this one
  };

  // `credential` got a bare 429.
  Verdict refused(std::uint32_t credential, std::string_view model, Ticks now) {
    const std::lock_guard lock(mutex_);
    if (suspects_.empty() || now - since_ > kShortTime) {
      suspects_.clear();
      refusals_ = 0;
      known_ = false;
    }
    since_ = now;
    watching_.store(true, std::memory_order_relaxed);
    bool is_new = true;
    for (const Suspect& each : suspects_) is_new = is_new && each.credential != credential;
    if (is_new && suspects_.size() < kSeveral)
      suspects_.push_back({credential, std::string(model)});
    if (suspects_.size() < kSeveral) return {};
    Verdict verdict{.address = true, .refusals = ++refusals_, .innocent = {}};
    if (!known_) verdict.innocent.assign(suspects_.begin(), suspects_.end() - 1);
    known_ = true;
    return verdict;
  }

  void succeeded() {
    if (!watching_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(mutex_);
    suspects_.clear();
    watching_.store(false, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> watching_{false};
  std::mutex mutex_;
  std::vector<Suspect> suspects_;
  Ticks since_ = 0;
  std::uint32_t refusals_ = 0;
  bool known_ = false;
};

}  // namespace wasat::pool
