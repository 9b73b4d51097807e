#include "gateway/together.h"

#include <utility>

namespace wasat::gateway {

Together::Together(net::Loop& loop, Cancel& exchange) : loop_(loop), exchange_(exchange) {
  scope_.on_end(on_end, this);
  exchange_.watch(*this);
}

void Together::start(Task<> task, Cancel& cancel) {
  cancels_.push_back(&cancel);
  if (exchange_.requested()) cancel.request();
  scope_.start(std::move(task));
}

void Together::cancel_all() {
  for (std::size_t i = 0; i < cancels_.size(); ++i) cancels_[i]->request();
}

void Together::on_end(void* self) {
  auto& together = *static_cast<Together*>(self);
  ++together.unseen_;
  if (together.waiting_) {
    // From the loop: a cancel may be going through all tasks just now.
    together.loop_.post([handle = std::exchange(together.waiting_, nullptr)] { handle.resume(); });
  }
}

}  // namespace wasat::gateway
