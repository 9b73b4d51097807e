#include "pool/pool.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace wasat::pool {
namespace {

// What was removed stays so long, for whoever still looks at it after settling.
constexpr Ticks kKeptAfterRemoval = 60'000'000'000;
// A wall clock that is further off than this was set; smaller steps are its running slow or fast.
constexpr std::int64_t kJump = 5'000'000'000;
constexpr std::size_t kTakenBackByTick = 8192;
constexpr std::size_t kMostPaces = 1024;

std::int64_t ahead_of(Moment now) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now.wall.time_since_epoch()).count() -
         now.steady;
}

}  // namespace

Pool::Pool(const Clock& clock, PoolOptions options, PoolListener* listener)
    : clock_(clock),
      options_(std::make_shared<const PoolOptions>(std::move(options))),
      listener_(listener),
      wall_ahead_(ahead_of(Moment::now(clock))),
      roster_(nullptr) {
  for (std::size_t i = 0; i < schedulers_.size(); ++i) {
    schedulers_[i] = make_scheduler(static_cast<Policy>(i));
  }
  replace({});
}

Pool::~Pool() = default;

void Pool::configure(PoolOptions options) {
  const bool sorts_anew = options.providers != options_.get()->providers;
  options_.publish(std::make_shared<const PoolOptions>(std::move(options)));
  if (sorts_anew) replace(*credentials());
}

void Pool::replace(CredentialList credentials) {
  const std::lock_guard lock(index_mutex_);
  if (newest_ != nullptr) keep_transient(credentials);
  publish(std::move(credentials));
}

// Under the index lock.
void Pool::keep_transient(CredentialList& credentials) const {
  std::unordered_set<std::string_view> named;
  for (const CredentialPtr& each : credentials) {
    if (each->transient()) named.insert(each->id());
  }
  for (const CredentialPtr& each : newest_->list()) {
    if (each->transient() && !named.contains(each->id())) credentials.push_back(each);
  }
}

void Pool::put(const CredentialList& credentials) {
  const std::lock_guard lock(index_mutex_);
  const Moment now = Moment::now(clock_);
  CredentialList all = newest_->list();
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < all.size(); ++i) places.emplace(all[i]->id(), i);
  for (const CredentialPtr& each : credentials) {
    const auto [found, is_new] = places.emplace(each->id(), all.size());
    if (is_new) {
      if (each->transient()) departed_.recall(*each, now);
      all.push_back(each);
      continue;
    }
    CredentialPtr& old = all[found->second];
    if (old == each) continue;
    each->take_over(*old, now);
    old = each;
  }
  publish(std::move(all));
}

void Pool::remove(std::span<const std::string> ids) {
  const std::lock_guard lock(index_mutex_);
  CredentialList all = newest_->list();
  std::unordered_map<std::string_view, bool> gone;
  for (const std::string& id : ids) gone.emplace(id, true);
  const Moment now = Moment::now(clock_);
  std::erase_if(all, [&](const CredentialPtr& each) {
    if (!gone.contains(each->id())) return false;
    if (each->transient()) departed_.remember(*each, now);
    return true;
  });
  publish(std::move(all));
}

// Under the index lock.
void Pool::publish(CredentialList credentials) {
  const Ticks now = ticks_of(clock_.now());
  only_transient_.store(
      std::ranges::all_of(credentials, [](const auto& each) { return each->transient(); }),
      std::memory_order_relaxed);
  for (const CredentialPtr& each : credentials) {
    if (each->number_ != UINT32_MAX) continue;
    if (free_numbers_.empty()) {
      each->number_ = numbers_++;
    } else {
      each->number_ = free_numbers_.back();
      free_numbers_.pop_back();
    }
  }
  auto roster =
      std::make_shared<const Roster>(std::move(credentials), options_.get()->providers, now);
  if (newest_ != nullptr) {
    Removed removed{.roster = newest_, .credentials = {}, .since = now};
    for (const CredentialPtr& each : newest_->list()) {
      const CredentialPtr* still = roster->find(each->id());
      if (still == nullptr || *still != each) removed.credentials.push_back(each);
    }
    if (!removed.credentials.empty()) {
      // Who was removed before and had come back is let go of with the later roster.
      const std::unordered_set<CredentialPtr> again(removed.credentials.begin(),
                                                    removed.credentials.end());
      for (Removed& earlier : removed_) {
        std::erase_if(earlier.credentials,
                      [&](const CredentialPtr& each) { return again.contains(each); });
      }
      removed_.push_back(std::move(removed));
    }
  }
  newest_ = roster;
  roster_.publish(std::move(roster));
  waiting_.wake_all_first();
}

std::shared_ptr<const CredentialList> Pool::credentials() const {
  const std::shared_ptr<const Roster> roster = roster_.get();
  return {roster, &roster->list()};
}

CredentialPtr Pool::find(std::string_view id) const {
  const std::shared_ptr<const Roster> roster = roster_.get();
  const CredentialPtr* found = roster->find(id);
  return found != nullptr ? *found : nullptr;
}

Census Pool::census(std::string_view provider) const {
  const std::lock_guard lock(index_mutex_);
  newest_->take_back(ticks_of(clock_.now()), SIZE_MAX);
  const std::span<const std::string_view> providers(&provider, provider.empty() ? 0 : 1);
  const Roster::Standings standings = newest_->standings(ModelName({}), providers);
  return {.all = standings.all(),
          .ready = standings.of(Standing::kAvailable) + standings.of(Standing::kBusy),
          .cooling = standings.of(Standing::kCooling) + standings.of(Standing::kNoQuota),
          .disabled = standings.of(Standing::kDisabled)};
}

void Pool::set_state(Credential& credential, CredentialState state, std::string reason) {
  const Moment now = Moment::now(clock_);
  if (state == CredentialState::kReady) {
    credential.clear_cooldowns();
    credential.posterior_.restore({}, now.steady);
    credential.failures_in_a_row_.end();
    credential.faults_in_a_row_.end();
  }
  credential.set_state(state, std::move(reason));
  note_changed(credential, changed_);
  refresh(credential, now.steady);
}

bool Pool::recovered(Credential& credential, std::string_view model, bool enable) {
  bool changed = false;
  if (credential.state() != CredentialState::kReady) {
    if (!enable) return false;
    credential.set_state(CredentialState::kReady, {});
    if (listener_ != nullptr) listener_->state_changed(credential);
    changed = true;
  }
  for (const std::string_view scope : {std::string_view(), model}) {
    if (!credential.clear_cooldown(scope)) continue;
    if (listener_ != nullptr) listener_->cooldown_cleared(credential, scope);
    changed = true;
  }
  if (!changed) return false;
  credential.half_open_.store(false, std::memory_order_relaxed);
  note_changed(credential, changed_);
  refresh(credential, Moment::now(clock_).steady);
  return true;
}

void Pool::retire(Credential& credential) {
  credential.leaving_.store(true, std::memory_order_release);
  refresh(credential, Moment::now(clock_).steady);
}

void Pool::reset(Credential& credential) { set_state(credential, CredentialState::kReady, {}); }

void Pool::refresh(Credential& credential, Ticks now) {
  {
    const std::lock_guard lock(index_mutex_);
    newest_->refresh(credential, now);
  }
  waiting_.wake_all_first();
}

// On a lease's way: never waits for the lock, another worker is at it then.
void Pool::take_back(const Roster& roster, Ticks now, std::size_t most) {
  {
    const std::unique_lock lock(index_mutex_, std::try_to_lock);
    if (!lock.owns_lock() || &roster != newest_.get()) return;
    roster.take_back(now, most);
  }
  waiting_.wake_all_first();
}

void Pool::tick() {
  const Moment now = Moment::now(clock_);
  {
    const std::lock_guard lock(index_mutex_);
    const std::int64_t ahead = ahead_of(now);
    const std::int64_t step = ahead - wall_ahead_.exchange(ahead, std::memory_order_relaxed);
    if (step > kJump || step < -kJump) {
      for (const CredentialPtr& each : newest_->list()) each->follow_wall(now);
      newest_->refresh_all(now.steady);
    }
    newest_->take_back(now.steady, kTakenBackByTick);
    for (Removed& removed : removed_) {
      if (now.steady - removed.since < kKeptAfterRemoval || !removed.roster.expired()) continue;
      std::erase_if(removed.credentials, [&](const CredentialPtr& each) {
        if (each->leased() != 0) return false;
        // It may have come back, and gone on under its number.
        if (newest_->by_number(each->number_).credential != each.get()) {
          free_numbers_.push_back(std::exchange(each->number_, UINT32_MAX));
        }
        return true;
      });
    }
    std::erase_if(removed_, [](const Removed& removed) { return removed.credentials.empty(); });
  }
  waiting_.wake_all_first();
}

void Pool::note_changed(Credential& credential, Changed& changed) {
  if (credential.changed_.load(std::memory_order_relaxed) ||
      credential.changed_.exchange(true, std::memory_order_relaxed)) {
    return;
  }
  const std::lock_guard lock(changed.mutex);
  changed.numbers.push_back(credential.number_);
}

CredentialList Pool::take_changed() {
  std::vector<std::uint32_t> numbers;
  const auto take = [&numbers](Changed& changed) {
    const std::lock_guard lock(changed.mutex);
    numbers.insert(numbers.end(), changed.numbers.begin(), changed.numbers.end());
    changed.numbers.clear();
  };
  take(changed_);
  {
    const std::lock_guard lock(seats_mutex_);
    for (SeatPart* seat : seats_) take(seat->changed);
  }
  const std::shared_ptr<const Roster> roster = roster_.get();
  CredentialList changed;
  for (const std::uint32_t number : numbers) {
    const Roster::Numbered found = roster->by_number(number);
    if (found.credential == nullptr) continue;
    // Whatever changes from now on is noted anew.
    found.credential->changed_.store(false, std::memory_order_relaxed);
    changed.push_back(roster->list()[found.in_list]);
  }
  return changed;
}

Pace* Pool::pace(std::string_view model, bool make) {
  const std::lock_guard lock(paces_mutex_);
  const auto found = paces_.find(model);
  if (found != paces_.end()) return found->second.get();
  if (!make || paces_.size() >= kMostPaces) return nullptr;
  return paces_.emplace(model, std::make_unique<Pace>()).first->second.get();
}

std::chrono::nanoseconds Pool::late_first_chunk(std::string_view model) const {
  const std::lock_guard lock(paces_mutex_);
  const auto found = paces_.find(model);
  return found != paces_.end() ? found->second->late() : std::chrono::nanoseconds(0);
}

float Pool::fair_share(Ticks now) const {
  float all = 0;
  {
    const std::lock_guard lock(seats_mutex_);
    for (const SeatPart* seat : seats_) all += seat->leases.recent(now);
  }
  const std::shared_ptr<const Roster> roster = roster_.get();
  return all / static_cast<float>(std::max(1U, roster->available()));
}

}  // namespace wasat::pool
