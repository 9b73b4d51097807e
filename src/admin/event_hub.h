// EventHub: what has just happened, for those who look on.
//
// Owned by composition. Any thread publishes; publishing costs a look at one flag while nobody
// looks on, and a short lock otherwise. The last kMostEvents are kept, each with a number that
// grows by one; whoever reads too slowly finds that theirs are gone, and holds nothing up.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::admin {

struct Event {
  std::uint64_t number = 0;
  std::string kind;  // "credential"
  std::string data;  // JSON on one line; no secrets
};

class EventHub {
 public:
  static constexpr std::size_t kMostEvents = 1024;
  static constexpr std::size_t kMostBytes = 4096;  // of one event; longer ones are left out
  static constexpr int kMostListeners = 16;

  void publish(std::string_view kind, std::string data);

  // Somebody looks on, as long as this lives.
  class Listener {
   public:
    explicit Listener(EventHub& hub);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // There were kMostListeners already: this one must go.
    bool refused() const { return refused_; }
    // What has come since the last call, or since the number `after` that the first call
    // gives. False: some of it is gone.
    bool take(std::vector<Event>& events);
    void go_on_after(std::uint64_t number) { seen_ = number; }

   private:
    EventHub& hub_;
    bool refused_ = false;
    std::uint64_t seen_ = 0;
  };

 private:
  std::atomic<int> listeners_{0};
  std::mutex mutex_;
  std::deque<Event> events_;
  std::uint64_t last_ = 0;  // number of the newest
};

}  // namespace wasat::admin
