#include "provider/relay/asked.h"

#include <algorithm>

#include "provider/relay/refusal.h"

namespace wasat::provider {

using relay::Errand;

namespace {

std::unexpected<gemini::Failure> failed(Error error) {
  return std::unexpected(gemini::Failure{.error = std::move(error)});
}

Error timed_out() { return upstream_error(ErrorKind::kTimeout, Retry::kNever, "Gateway Timeout"); }

}  // namespace

Task<Attempt<bool>> Asked::wait(net::TimePoint deadline) {
  for (;;) {
    const net::TimePoint silent = errand_->last_word() + silence_;
    switch (co_await errand_->wait(std::min(deadline, silent), &cancel_)) {
      case net::Wake::kReady:
        co_return true;
      case net::Wake::kTimeout: {
        const net::TimePoint now = clock_.now();
        if (now >= deadline) co_return false;
        // Each word of the node's gives it time anew.
        if (now >= errand_->last_word() + silence_) co_return failed(timed_out());
        break;
      }
      case net::Wake::kCancelled:
      case net::Wake::kClosed:
        co_return failed(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
}

Task<Attempt<const Errand::Head*>> Asked::begin(net::TimePoint deadline) {
  const Attempt<bool> news = co_await wait(deadline);
  if (!news) co_return std::unexpected(news.error());
  if (!*news) co_return failed(timed_out());
  const Errand::Head* const head = errand_->head();
  if (head != nullptr) co_return head;
  // Nothing but an end is told before the head.
  std::optional<gemini::Failure> failure = failure_of(*errand_->ending());
  if (failure) co_return std::unexpected(std::move(*failure));
  co_return failed(upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                  "the relay node's answer was empty"));
}

Task<Attempt<Asked::News>> Asked::next(net::TimePoint deadline, std::unique_ptr<Buffer> spare) {
  const Attempt<bool> news = co_await wait(deadline);
  if (!news) co_return std::unexpected(news.error());
  if (!*news) co_return News{.taken = {}, .idle = true};
  co_return News{.taken = errand_->take(std::move(spare))};
}

std::optional<gemini::Failure> Asked::failure_of(const Errand::End& end) const {
  switch (end.kind) {
    case Errand::End::Kind::kComplete:
      return std::nullopt;
    case Errand::End::Kind::kFailed:
      return read_node_failure(end.status, end.text, end.retry_after, clock_.wall());
    case Errand::End::Kind::kBroken:
      return gemini::Failure{.error = end.error};
  }
  return std::nullopt;
}

}  // namespace wasat::provider
