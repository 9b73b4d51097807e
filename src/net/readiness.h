// Readiness: which sockets of a worker can be read or written, by edges.
//
// Asio re-arms a wait on a descriptor with a system call each time; a socket that
// serves request after request should cost none. So a loop's sockets are
// registered once, edge-triggered, in an epoll set of their own, and Asio watches
// that set as a single descriptor.

#pragma once

#include <memory>
#include <vector>

namespace wasat::net {

class Loop;

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

  explicit Readiness(Loop& loop);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  void add(int fd, Watcher& watcher);
  // Takes over a watcher before its descriptor is closed; it hears nothing any more
  // and is destroyed as soon as no event can point to it.
  void retire(int fd, std::unique_ptr<Watcher> watcher);

 private:
  struct Asio;
  void wait();
  void dispatch();

  int fd_;
  std::unique_ptr<Asio> asio_;
  bool dispatching_ = false;
  std::vector<std::unique_ptr<Watcher>> retired_;
};

}  // namespace wasat::net
