// Readiness: which descriptors of a worker can be read or written.
//
// A loop's epoll set. Sockets are registered once, for both directions and by edges: one
// that serves request after request costs no system call for waiting. Belongs to the
// loop and its thread.

#pragma once

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <vector>

namespace wasat::net {

class Readiness {
 public:
  // Something registered. Told on the loop's thread; may unregister itself and others.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // Errors and hang-ups count as both. `ended`: no further edge will come for
    // reading, whatever is still unread.
    virtual void on_ready(bool readable, bool writable, bool ended) = 0;

   private:
    friend class Readiness;
    bool retired_ = false;
  };

  Readiness();
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // By edges, both ways.
  void add(int fd, Watcher& watcher);
  // By level, these ways; for descriptors of libraries, which need not read all there is.
  // May be called again.
  void watch_level(int fd, bool read, bool write, Watcher& watcher);
  // Takes over a watcher before its descriptor is closed; it hears nothing any more
  // and is destroyed as soon as no event can point to it.
  void retire(int fd, std::unique_ptr<Watcher> watcher);

  // Waits for events, at most so long (-1: for ever). False: there are none.
  bool wait(int milliseconds);
  // Tells the watchers of those that wait() found.
  void hand_out();

 private:
  static constexpr int kBatch = 256;  // before timers and posted work get their turn

  int fd_;
  int count_ = 0;  // of events_ that are to be handed out
  std::array<epoll_event, kBatch> events_;
  bool handing_out_ = false;
  std::vector<std::unique_ptr<Watcher>> retired_;
};

}  // namespace wasat::net
