// Asked: a request that a node has, as the exchange sees it that waits for the answer.
//
// Holds the asking end of an errand, gives up when it is destroyed before the end, and knows
// how long the node may say nothing. Belongs to one attempt.

#pragma once

#include <memory>

#include "provider/provider.h"
#include "relay/errand.h"

namespace wasat::provider {

class Asked {
 public:
  // `silence`: how long the node may say nothing.
  Asked(std::shared_ptr<relay::Errand> errand, const AttemptContext& context,
        std::chrono::milliseconds silence)
      : errand_(std::move(errand)),
        clock_(context.clock),
        cancel_(context.cancel),
        silence_(silence) {}
  Asked(Asked&&) = default;
  Asked& operator=(Asked&&) = delete;
  ~Asked() {
    if (errand_ != nullptr) errand_->give_up();
  }

  // Waits for the answer's head. Failures: the node's refusal; kTimeout; kCancelled.
  WASAT_OWN_FRAME Task<Attempt<const relay::Errand::Head*>> begin(net::TimePoint deadline);
  struct News {
    relay::Errand::Taken taken;
    bool idle = false;  // the deadline passed; waiting may go on
  };
  // Behind begin(): the next bytes, or the end. `spare`: a buffer that is used no more.
  WASAT_OWN_FRAME Task<Attempt<News>> next(net::TimePoint deadline, std::unique_ptr<Buffer> spare);
  // What an answer's end means; nullopt: it is complete.
  std::optional<gemini::Failure> failure_of(const relay::Errand::End& end) const;
  const Clock& clock() const { return clock_; }

 private:
  // True: there is news; false: the deadline has passed.
  Task<Attempt<bool>> wait(net::TimePoint deadline);

  std::shared_ptr<relay::Errand> errand_;
  const Clock& clock_;
  Cancel& cancel_;
  const std::chrono::milliseconds silence_;
};

}  // namespace wasat::provider
