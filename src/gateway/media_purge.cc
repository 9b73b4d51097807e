#include "gateway/media_purge.h"

namespace wasat::gateway {

void MediaPurge::start(std::chrono::milliseconds every) {
  every_ = every;
  loop_.schedule(*this, std::chrono::steady_clock::now() + every_);
}

void MediaPurge::expired() {
  compute_.post([&media = media_] { media.purge(); });
  start(every_);
}

}  // namespace wasat::gateway
