// Snapshot: read-mostly state that is replaced whole.
//
// Owned by composition. Any thread publishes; each worker has a Reader of its
// own, whose get() costs one load as long as nothing was published since.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace wasat {

template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  void publish(std::shared_ptr<const T> value) {
    // Swapped, so that the old value ends with the parameter, outside the lock.
    const std::lock_guard lock(mutex_);
    std::swap(value_, value);
    version_.fetch_add(1, std::memory_order_release);
  }

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  // One thread's view. Lives no longer than the Snapshot.
  class Reader {
   public:
    explicit Reader(const Snapshot& snapshot) : snapshot_(snapshot) {}

    // The newest value. The reference holds until the next get(); what must
    // outlive that (across a wait) keeps a copy of the pointer.
    const std::shared_ptr<const T>& get() {
      const std::uint64_t version = snapshot_.version_.load(std::memory_order_acquire);
      if (version != version_) {
        value_ = snapshot_.get();
        version_ = version;
      }
      return value_;
    }

   private:
    const Snapshot& snapshot_;
    std::shared_ptr<const T> value_;
    std::uint64_t version_ = 0;
  };

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace wasat
