#include "node/node.h"

namespace wasat::node {
namespace {

// A connection that has held for so long was a good one.
constexpr std::chrono::seconds kGood{30};

// What the operator must mend: the token, or the address.
bool is_final(const Error& error) {
  return error.status == 401 || error.status == 403 || error.status == 404;
}

}  // namespace

Node::Node(const Means& means, ws::Masks& masks, observe::Log& log, Random random)
    : means_(means),
      masks_(masks),
      log_(log),
      backoff_(means.options.first_delay, means.options.longest_delay, random) {}

Task<Result<>> Node::run() {
  for (bool first = true; !stopping_; first = false) {
    const auto started = std::chrono::steady_clock::now();
    Result<> ended;
    {
      Session session(means_, masks_, log_);
      session_ = &session;
      ended = co_await session.run();
      session_ = nullptr;
    }
    if (stopping_) break;
    const bool good = std::chrono::steady_clock::now() - started > kGood;
    if (first && !good && !ended && is_final(ended.error())) co_return ended;
    if (good) backoff_.reset();
    const Backoff::Time delay = backoff_.next();
    log_.warn("not connected to the relay",
              {{"why", ended ? "it ended" : ended.error().detail}, {"next_try_ms", delay.count()}});
    co_await net::sleep_for(means_.loop, delay, &stop_waiting_);
  }
  co_return Result<>{};
}

void Node::stop() {
  if (std::exchange(stopping_, true)) return;
  if (session_ != nullptr) {
    session_->drain();
  } else {
    stop_waiting_.request();
  }
}

void Node::abort() {
  if (session_ != nullptr) session_->abort();
}

}  // namespace wasat::node
