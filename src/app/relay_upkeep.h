// RelayUpkeep: what the relay's hub has to do beside the workers, on a thread of its own.
//
// Runs from creation to destruction, which comes before the workers'.

#pragma once

#include <atomic>
#include <thread>

#include "relay/hub.h"

namespace wasat::app {

class RelayUpkeep {
 public:
  // `hub` outlives this object.
  explicit RelayUpkeep(relay::Hub& hub) : hub_(hub), thread_([this] { run(); }) {}
  ~RelayUpkeep();
  RelayUpkeep(const RelayUpkeep&) = delete;
  RelayUpkeep& operator=(const RelayUpkeep&) = delete;

 private:
  void run();

  relay::Hub& hub_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace wasat::app
