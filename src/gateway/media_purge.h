// MediaPurge: lets generated media go when their time is up, also when nobody puts
// anything in or asks for anything.
//
// Owned by one worker, whose timer it uses; the disk is touched on the compute thread, and
// nobody waits for that. Ends with its destructor; what it has given to the compute thread
// by then still uses the cache.

#pragma once

#include <chrono>

#include "gateway/media_cache.h"
#include "net/compute.h"
#include "net/loop.h"

namespace wasat::gateway {

class MediaPurge final : net::TimerEntry {
 public:
  // `media` outlives `compute`.
  MediaPurge(net::Loop& loop, net::Compute& compute, MediaCache& media)
      : loop_(loop), compute_(compute), media_(media) {}

  // On the loop's thread: once after `every`, and so on.
  void start(std::chrono::milliseconds every);

 private:
  void expired() override;

  net::Loop& loop_;
  net::Compute& compute_;
  MediaCache& media_;
  std::chrono::milliseconds every_{0};
};

}  // namespace wasat::gateway
