// What a hedged attempt needs: a budget, and a stream with a cancel of its own.
//
// A second attempt beside a late first one costs the upstream's work twice; the
// budget keeps that to a share of all requests. One worker's own.

#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "base/cancel.h"
#include "provider/provider.h"

namespace wasat::gateway {

class HedgeBudget {
 public:
  // A request begins: `percent` of a hedge is saved up.
  void save(int percent) { saved_ = std::min(saved_ + percent, kMostSaved); }
  // Spends a hedge; false: too few have been saved up.
  bool spend() {
    if (saved_ < kOne) return false;
    saved_ -= kOne;
    return true;
  }

 private:
  static constexpr int kOne = 100;
  static constexpr int kMostSaved = 10 * kOne;  // when all are late at once
  int saved_ = 0;
};

// A stream that was opened with a cancel of its own, so that it could be given up alone.
// From now on it ends with the exchange. Passes on what the exchange's cancel says while
// it is waited for.
class OwnCancelStream final : public provider::ChunkStream, Cancel::Hook {
 public:
  OwnCancelStream(std::unique_ptr<Cancel> own, std::unique_ptr<provider::ChunkStream> stream,
                  Cancel& exchange)
      : own_(std::move(own)), stream_(std::move(stream)), exchange_(exchange) {}

  Task<provider::Attempt<provider::Batch>> next(net::TimePoint deadline) override {
    if (exchange_.requested()) own_->request();
    exchange_.watch(*this);
    provider::Attempt<provider::Batch> batch = co_await stream_->next(deadline);
    exchange_.unwatch(*this);
    co_return batch;
  }

 private:
  void cancelled() override { own_->request(); }

  const std::unique_ptr<Cancel> own_;
  const std::unique_ptr<provider::ChunkStream> stream_;  // ends before its cancel
  Cancel& exchange_;
};

}  // namespace wasat::gateway
