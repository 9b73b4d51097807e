// Unpriced: models that were used and have no price, so that their cost was counted as nothing.
//
// Owned by composition; any thread. Workers note such an exchange, the operator is told of each
// model once, and the admin API lists them. Forgotten at the process's end.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace wasat::account {

class Unpriced {
 public:
  static constexpr std::size_t kMostModels = 100;  // names come from clients

  // `tell` is called at a model's first exchange, on whose thread it is; must not block.
  explicit Unpriced(std::function<void(std::string_view model)> tell) : tell_(std::move(tell)) {}

  void note(std::string_view model) {
    exchanges_.fetch_add(1, std::memory_order_relaxed);
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = models_.find(model); known != models_.end()) {
        ++known->second;
        return;
      }
      if (models_.size() >= kMostModels) return;
      models_.emplace(model, 1);
    }
    tell_(model);
  }

  std::uint64_t exchanges() const { return exchanges_.load(std::memory_order_relaxed); }
  // How many exchanges each model had.
  std::map<std::string, std::uint64_t, std::less<>> models() const {
    const std::lock_guard lock(mutex_);
    return models_;
  }

 private:
  const std::function<void(std::string_view)> tell_;
  std::atomic<std::uint64_t> exchanges_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> models_;
};

}  // namespace wasat::account
