#include "pool/seat.h"

#include <algorithm>

namespace wasat::pool {
namespace {

// Taken back on the way of one lease, so that it is never late for many.
constexpr std::size_t kTakenBackByLease = 64;
constexpr Ticks kFairShareKept = 20'000'000;
// A conversation stays where it is while its credential gets less than twice the fair
// share, with some room for the error of the reckoning; it finds a new place among those
// that get hardly more than the fair share. Fewer leases in half a minute are no load.
constexpr float kStays = 1.7F;
constexpr float kSettles = 1.2F;
constexpr float kNoLoad = 10;
// What a first chunk is later than usual without saying anything about its credential: a
// busy machine or network. Upstreams that are quick otherwise would all seem slow at times.
constexpr std::chrono::milliseconds kNoise{100};
// Of whom fewer answers are expected, it loses its conversations; a new one is trusted.
constexpr float kTrusted = 0.9F;
bool is_trusted(const Belief& belief) {
  return (belief.successes + 1) / (belief.successes + belief.failures + 1) >= kTrusted;
}

std::uint64_t affinity_with(std::uint64_t affinity, const ModelName& model) {
  return affinity ^ (model.hash * 0x9e3779b97f4a7c15u);
}

std::string wait_key(const Demand& demand) {
  std::string key(demand.model);
  key.append(1, '\0').append(demand.only);
  // Who may be served by fewer waits for himself.
  for (const std::string_view provider : demand.providers) key.append(1, '\0').append(provider);
  return key;
}

}  // namespace

void Lease::settle(const Outcome& outcome) {
  if (std::exchange(settled_, true)) return;
  seat_->settle(*this, outcome);
}

Seat::Seat(Pool& pool, net::Loop* loop, Random random)
    : pool_(pool),
      loop_(loop),
      random_(random),
      roster_(pool.roster_),
      options_(pool.options_),
      room_(random_) {
  const std::lock_guard lock(pool_.seats_mutex_);
  pool_.seats_.push_back(&part_);
}

Seat::~Seat() {
  const std::lock_guard lock(pool_.seats_mutex_);
  std::erase(pool_.seats_, &part_);
  // What it has noted is asked for later.
  const std::lock_guard changed_lock(pool_.changed_.mutex);
  pool_.changed_.numbers.insert(pool_.changed_.numbers.end(), part_.changed.numbers.begin(),
                                part_.changed.numbers.end());
}

Result<Lease> Seat::try_lease(const Demand& demand) {
  const ModelName model = named(demand.model);
  const Roster& roster = *roster_.get();
  const Ticks now = ticks_of(pool_.clock_.coarse());
  bool probes = false;
  if (Credential* taken = take(roster, demand, model, now, probes)) {
    return lease_of(*taken, probes, demand, model, now);
  }
  return fail(pool_.refusal(roster, demand, model, Moment::now(pool_.clock_)).error);
}

Lease Seat::probe(const CredentialPtr& credential, std::string_view model) {
  credential->leased_.fetch_add(1, std::memory_order_acq_rel);
  Lease lease(*this, *credential, false, ticks_of(pool_.clock_.now()));
  lease.known_ = know(ModelName(model), false);
  if (lease.known_ == nullptr) lease.model_ = std::make_unique<const std::string>(model);
  return lease;
}

// Nearly always it is the last one's.
ModelName Seat::named(std::string_view model) const {
  if (last_model_ != nullptr && last_model_->name == model) return {model, last_model_->hash};
  return ModelName(model);
}

// Null: there is none.
Credential* Seat::take(const Roster& roster, const Demand& demand, const ModelName& model,
                       Ticks now, bool& probes) {
  if (now >= roster.next_return()) pool_.take_back(roster, now, kTakenBackByLease);
  Credential* chosen = choose(roster, demand, model, now, probes);
  if (chosen == nullptr) return nullptr;
  chosen->share_.count(now);
  part_.leases.count(now);
  if (demand.affinity != 0) {
    pool_.affinities_.put(affinity_with(demand.affinity, model), chosen->number_, now);
  }
  return chosen;
}

// Made in its place: what has just been written is slow to move.
Result<Lease> Seat::lease_of(Credential& taken, bool probes, const Demand& demand,
                             const ModelName& model, Ticks now) {
  Result<Lease> lease(std::in_place, *this, taken, probes, now);
  lease->repeated = was_tried(demand, taken);
  lease->known_ = know(model, false);
  if (lease->known_ == nullptr) lease->model_ = std::make_unique<const std::string>(demand.model);
  return lease;
}

Task<Result<Lease>> Seat::lease(Demand demand) {
  const ModelName model = named(demand.model);
  const std::chrono::milliseconds max_wait = options_.get()->max_wait;
  const std::size_t queue_size = options_.get()->queue_size;
  const bool waits = loop_ != nullptr && max_wait.count() > 0 && queue_size > 0;
  std::optional<Pool::Refusal> refused;
  bool probes = false;
  if (!waits || pool_.waiting_.empty() || !pool_.waiting_.has_waiters(wait_key(demand))) {
    const Roster& roster = *roster_.get();
    const Ticks now = ticks_of(pool_.clock_.coarse());
    if (Credential* taken = take(roster, demand, model, now, probes)) {
      co_return lease_of(*taken, probes, demand, model, now);
    }
    refused = pool_.refusal(roster, demand, model, Moment::now(pool_.clock_));
    if (!waits) co_return fail(std::move(refused->error));
  }
  const Ticks give_up =
      std::min(ticks_of(demand.deadline), ticks_of(pool_.clock_.now() + max_wait));
  if (refused && refused->earliest > give_up) co_return fail(std::move(refused->error));
  const std::shared_ptr<WaitQueue::Ticket> ticket =
      pool_.waiting_.join(wait_key(demand), *loop_, queue_size);
  while (ticket != nullptr) {
    const Moment now = Moment::now(pool_.clock_);
    const bool first = pool_.waiting_.is_first(*ticket);
    Ticks again = give_up;
    if (first || now.steady >= give_up || pool_.waiting_.closed()) {
      const Roster& roster = *roster_.get();
      if (Credential* taken = take(roster, demand, model, now.steady, probes)) {
        pool_.waiting_.leave(*ticket);
        co_return lease_of(*taken, probes, demand, model, now.steady);
      }
      refused = pool_.refusal(roster, demand, model, now);
      if (now.steady >= give_up || refused->earliest > give_up || pool_.waiting_.closed()) break;
      if (refused->earliest > now.steady) again = std::min(again, refused->earliest);
    }
    WaitQueue::Wait wait(*ticket,
                         net::TimePoint(std::chrono::nanoseconds(again)) + net::TimerWheel::kTick,
                         demand.cancel);
    co_await wait;
    if (demand.cancel != nullptr && demand.cancel->requested()) {
      pool_.waiting_.leave(*ticket);
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
  if (ticket != nullptr) pool_.waiting_.leave(*ticket);
  if (!refused) {
    refused = pool_.refusal(*roster_.get(), demand, model, Moment::now(pool_.clock_));
  }
  co_return fail(std::move(refused->error));
}

Credential* Seat::choose(const Roster& roster, const Demand& demand, const ModelName& model,
                         Ticks now, bool& probes) {
  if (!demand.only.empty()) return acquire_id(roster, demand.only, demand, now, probes);
  if (!demand.preferred.empty()) {
    Credential* preferred = acquire_id(roster, demand.preferred, demand, now, probes);
    if (preferred != nullptr) return preferred;
  } else if (!demand.home.empty()) {
    const CredentialPtr* home = roster.find(demand.home);
    if (home != nullptr && !was_tried(demand, **home) && is_demanded(demand, (*home)->provider()) &&
        acquire(**home, demand.model, now, probes)) {
      return home->get();
    }
  }
  for (const bool tried_too : {false, true}) {
    if (tried_too && demand.tried.empty()) break;
    for (const Tier& tier : roster.tiers()) {
      Candidates candidates(tier, demand, model, now, room_);
      if (candidates.count() == 0) continue;
      candidates.tried_too = tried_too;
      if (Credential* found = choose_in_tier(roster, candidates, tier, demand, model, probes)) {
        return found;
      }
    }
  }
  return nullptr;
}

Credential* Seat::choose_in_tier(const Roster& roster, Candidates& candidates, const Tier& tier,
                                 const Demand& demand, const ModelName& model, bool& probes) {
  const Ticks now = candidates.now();
  const PoolOptions& options = *options_.get();
  Policy policy = options.policy;
  const auto own = options.policies.find(tier.lanes.front()->provider);
  if (own != options.policies.end()) policy = own->second;
  // Who has a policy of its own knows better than who served the like before.
  if (demand.affinity != 0 && own == options.policies.end()) {
    Credential* same = by_affinity(roster, tier, demand, model, now, probes);
    if (same != nullptr) return same;
    candidates.most_recent = std::max(kNoLoad / 2, kSettles * fair_share(now));
  }
  Scheduler& scheduler = *pool_.schedulers_[static_cast<std::size_t>(policy)];
  // What was chosen may just have been taken by another worker, or rest since.
  for (int i = 0; i < 4; ++i) {
    Credential* chosen = scheduler.choose(candidates, random_);
    if (chosen == nullptr) {
      if (candidates.most_recent >= Candidates::kNoBound) return nullptr;
      candidates.most_recent = Candidates::kNoBound;
      continue;
    }
    if (acquire(*chosen, demand.model, now, probes)) return chosen;
    pool_.refresh(*chosen, now);
  }
  return nullptr;
}

// Who served calls that began like this one, if it can: health goes before.
Credential* Seat::by_affinity(const Roster& roster, const Tier& tier, const Demand& demand,
                              const ModelName& model, Ticks now, bool& probes) {
  const std::uint32_t number = pool_.affinities_.find(affinity_with(demand.affinity, model), now);
  if (number == AffinityTable::kNobody) return nullptr;
  const Roster::Numbered known = roster.by_number(number);
  if (known.credential == nullptr || known.tier != tier.number) return nullptr;
  Credential& same = *known.credential;
  if (!is_demanded(demand, same.provider()) || was_tried(demand, same)) return nullptr;
  if (same.recent_leases(now) + 1 > std::max(kNoLoad, kStays * fair_share(now))) return nullptr;
  if (!is_trusted(same.belief(now))) return nullptr;
  return acquire(same, demand.model, now, probes) ? &same : nullptr;
}

bool Seat::acquire(Credential& credential, std::string_view model, Ticks now, bool& probes) {
  if (!credential.acquire(model, now, probes)) return false;
  // Others are to look elsewhere now.
  if (probes || credential.leased() >= credential.most_leases()) pool_.refresh(credential, now);
  return true;
}

Credential* Seat::acquire_id(const Roster& roster, std::string_view id, const Demand& demand,
                             Ticks now, bool& probes) {
  const CredentialPtr* found = roster.find(id);
  if (found == nullptr || !is_demanded(demand, (*found)->provider())) return nullptr;
  return acquire(**found, demand.model, now, probes) ? found->get() : nullptr;
}

float Seat::fair_share(Ticks now) {
  if (now - fair_share_at_ > kFairShareKept) {
    fair_share_ = pool_.fair_share(now);
    fair_share_at_ = now;
  }
  return fair_share_;
}

SeatModel* Seat::know(const ModelName& model, bool make) {
  if (last_model_ != nullptr && last_model_->hash == model.hash &&
      last_model_->name == model.name) {
    return last_model_;
  }
  for (const auto& each : models_) {
    if (each->hash == model.hash && each->name == model.name) return last_model_ = each.get();
  }
  if (!make || models_.size() >= kMostModels) return nullptr;
  Pace* pace = pool_.pace(model.name, true);
  if (pace == nullptr) return nullptr;
  models_.push_back(std::make_unique<SeatModel>(model.name, model.hash, *pace));
  return last_model_ = models_.back().get();
}

std::chrono::nanoseconds Seat::late_first_chunk(std::string_view model) {
  const SeatModel* known = know(ModelName(model), false);
  return known != nullptr ? known->pace.late() : pool_.late_first_chunk(model);
}

void Seat::settle(Lease& lease, const Outcome& outcome) {
  Credential& credential = *lease.credential_;
  const Ticks now = ticks_of(pool_.clock_.coarse());
  const std::string_view model = lease.known_ != nullptr ? lease.known_->name : *lease.model_;
  bool moved = lease.probes_;
  switch (outcome.kind) {
    case Outcome::Kind::kAbandoned:
      break;
    case Outcome::Kind::kSuccess:
      // Only a model that the upstream knows is worth a place of its own.
      if (lease.known_ == nullptr) lease.known_ = know(ModelName(model), true);
      if (lease.known_ != nullptr) settle_success(lease, *lease.known_, now);
      credential.counters_.successes.fetch_add(1, std::memory_order_relaxed);
      credential.counters_.last_success.store(pool_.unix_milliseconds(now),
                                              std::memory_order_relaxed);
      pool_.address_.succeeded();
      if (const auto proven = credential.prove(model, now); proven.whole || proven.model) {
        moved = true;
        if (proven.model && pool_.listener_ != nullptr) {
          pool_.listener_->cooldown_cleared(credential, model);
        }
      }
      Pool::note_changed(credential, part_.changed);
      break;
    case Outcome::Kind::kFailure:
      credential.counters_.not_successes.fetch_add(1, std::memory_order_relaxed);
      if (lease.known_ == nullptr) lease.known_ = know(ModelName(model), false);
      if (lease.known_ != nullptr) hand_over(*lease.known_, now);
      pool_.judge(credential, model, lease.known_ != nullptr ? &lease.known_->pace : nullptr,
                  *outcome.failure, Moment::now(pool_.clock_), random_);
      Pool::note_changed(credential, part_.changed);
      break;
  }
  moved = moved || credential.leased() >= credential.most_leases();
  credential.release(model, lease.probes_);
  if (moved) pool_.refresh(credential, now);
}

void Seat::settle_success(Lease& lease, SeatModel& model, Ticks now) {
  float reward = 1;
  if (lease.first_chunk_ >= 0) {
    const auto time = std::chrono::nanoseconds(lease.first_chunk_);
    // Twice as slow as usual is nothing yet; slower than that counts for less, down to half.
    const std::chrono::nanoseconds typical = model.pace.typical();
    const std::chrono::nanoseconds usual =
        std::max<std::chrono::nanoseconds>(2 * typical, typical + kNoise);
    if (typical.count() > 0 && time > usual) {
      reward = std::max(0.5F, static_cast<float>(usual.count()) / static_cast<float>(time.count()));
    }
    model.first_chunks[model.first_chunk_count++] = Pace::bucket_of(time);
  }
  lease.credential_->posterior_.observe(reward, 1, now);
  ++model.successes;
  if (model.successes == model.first_chunks.size()) hand_over(model, now);
}

void Seat::hand_over(SeatModel& model, Ticks now) {
  model.pace.add(std::span(model.first_chunks).first(model.first_chunk_count), model.successes,
                 now);
  model.first_chunk_count = 0;
  model.successes = 0;
}

}  // namespace wasat::pool
