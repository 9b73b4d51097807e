#include "app/relay_upkeep.h"

#include "app/signals.h"

namespace wasat::app {

RelayUpkeep::~RelayUpkeep() {
  stop_ = true;
  hub_.stop();
  thread_.join();
}

void RelayUpkeep::run() {
  block_signals();
  while (!stop_) hub_.wait_for_change(hub_.attend());
}

}  // namespace wasat::app
