#include "app/signals.h"

#include <cerrno>
#include <csignal>

namespace wasat::app {
namespace {

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

Signal meaning(int number) {
  if (number == SIGHUP) return Signal::kReload;
  return number == SIGTERM || number == SIGINT ? Signal::kStop : Signal::kNone;
}

}  // namespace

void block_signals() {
  const sigset_t set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Signal wait_for_signal() {
  const sigset_t set = awaited();
  int number = 0;
  sigwait(&set, &number);
  return meaning(number);
}

Signal wait_for_signal(std::chrono::milliseconds at_most) {
  const sigset_t set = awaited();
  const timespec time{.tv_sec = at_most.count() / 1000,
                      .tv_nsec = at_most.count() % 1000 * 1'000'000};
  int number = 0;
  do {
    number = sigtimedwait(&set, nullptr, &time);
  } while (number < 0 && errno == EINTR);
  return number < 0 ? Signal::kNone : meaning(number);
}

}  // namespace wasat::app
