// Two attempts at the same time: the second one begins when the first is later than
// nearly all are, and the one that answers first serves.

#include "gateway/hedge.h"

#include "gateway/attempts.h"
#include "gateway/together.h"

namespace wasat::gateway {

// One of the two.
struct Attempts::Racer {
  explicit Racer(pool::Lease its_lease) : lease(std::move(its_lease)) {}
  pool::Lease lease;
  std::unique_ptr<Cancel> cancel = std::make_unique<Cancel>();
  std::optional<provider::Attempt<Opened>> opened;

  bool answers() const { return opened && opened->has_value(); }
  bool failed() const { return opened && !opened->has_value(); }
};

namespace {

Task<> wait(net::Loop& loop, std::chrono::nanoseconds time, Cancel& cancel, bool& over) {
  (void)co_await net::sleep_for(loop, time, &cancel);
  over = true;
}

}  // namespace

Task<> Attempts::run(const gemini::Call& call, Racer& racer) {
  racer.opened.emplace(co_await open(call, racer.lease, *racer.cancel));
}

std::chrono::nanoseconds Attempts::hedge_after(const gemini::Call& call) {
  if (options_.hedge_percent == 0 || !bound_.empty() || !call.resources.empty()) return {};
  worker_.hedges.save(options_.hedge_percent);
  return worker_.seat.late_first_chunk(call.model);
}

// Another credential, if one can serve at once and the budget allows it.
std::optional<pool::Lease> Attempts::second_lease(const gemini::Call& call) {
  if (tried_.size() >= static_cast<std::size_t>(options_.max_attempts)) return std::nullopt;
  std::vector<std::string_view> providers;
  const pool::Demand demand{
      .providers = providers_of(call, providers), .model = call.model, .tried = tried_};
  Result<pool::Lease> leased = worker_.seat.try_lease(demand);
  if (!leased || leased->repeated || !worker_.hedges.spend()) return std::nullopt;
  return std::move(*leased);
}

Task<provider::Attempt<Answering>> Attempts::race(const gemini::Call& call, pool::Lease lease,
                                                  std::chrono::nanoseconds late) {
  Racer first(std::move(lease));
  std::optional<Racer> second;
  Cancel waits;
  bool is_late = false;
  Together together(worker_.loop, cancel_);
  together.start(run(call, first), *first.cancel);
  if (!first.opened) together.start(wait(worker_.loop, late, waits, is_late), waits);
  while (!first.opened && !is_late) co_await together.one_ended();
  if (!first.opened && !cancel_.requested()) {
    if (std::optional<pool::Lease> other = second_lease(call)) {
      note(provider_of(*other), other->credential());
      second.emplace(std::move(*other));
      together.start(run(call, *second), *second->cancel);
    }
  }
  while (!first.answers() && !(second && second->answers()) &&
         !(first.failed() && (!second || second->failed()))) {
    co_await together.one_ended();
  }
  Racer* const winner = first.answers() ? &first : second && second->answers() ? &*second : nullptr;
  waits.request();
  if (winner != &first) first.cancel->request();
  if (second && winner != &*second) second->cancel->request();
  while (together.running() > 0) co_await together.one_ended();
  for (Racer* each : {&first, second ? &*second : nullptr}) {
    if (each == nullptr || each == winner || !each->failed()) continue;
    settle_failure(each->lease, each->opened->error());
  }
  if (winner == nullptr) {
    Racer& last = second ? *second : first;
    co_return std::unexpected(std::move(last.opened->error()));
  }
  record_.provider = provider_of(winner->lease).name();
  record_.credential = winner->lease.credential().id();
  last_ = record_.credential;
  if (second && winner == &first) std::swap(tried_.back(), tried_[tried_.size() - 2]);
  Opened& opened = **winner->opened;
  co_return Answering{std::move(winner->lease),
                      std::make_unique<OwnCancelStream>(std::move(winner->cancel),
                                                        std::move(opened.stream), cancel_),
                      opened.first};
}

}  // namespace wasat::gateway
