#include "gateway/heartbeat.h"

#include <utility>

namespace wasat::gateway {

// Called for every chunk of a stream, so the timer is left alone: it looks at
// `last_` when it fires.
void Heartbeat::on(Clock::Steady last) {
  if (after_.count() == 0) return;
  last_ = last;
  on_ = true;
  if (!scheduled()) loop_.schedule(*this, last_ + after_);
}

void Heartbeat::expired() {
  if (!on_ || beating_) return;
  if (clock_.now() < last_ + after_) return loop_.schedule(*this, last_ + after_);
  scope_.start(beat());
}

Task<> Heartbeat::beat() {
  beating_ = true;
  const Result<> written = co_await pulse_.beat();
  beating_ = false;
  last_ = clock_.now();
  // A client that takes nothing any more is noticed by who reads from it.
  if (on_ && written) loop_.schedule(*this, last_ + after_);
  if (waiting_) {
    // From the loop: this task ends first.
    loop_.post([handle = std::exchange(waiting_, nullptr)] { handle.resume(); });
  }
}

}  // namespace wasat::gateway
