#include "pool/roster.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

namespace wasat::pool {
namespace {

constexpr std::uint32_t kEmpty = UINT32_MAX;
// What a set costs for each member, and what a lane's sets may cost together.
constexpr std::size_t kBytesOfMember = 50;
constexpr std::size_t kMostBytesOfModels = 32u << 20;

// Lanes are few, so weights are rounded to four significant bits.
std::uint32_t rounded(std::uint32_t weight) {
  const int extra = std::max<int>(0, static_cast<int>(std::bit_width(weight)) - 4);
  return std::max(1U, weight >> extra << extra);
}

int tier_of(const Credential& credential, std::span<const std::string> providers) {
  if (const std::optional<int> own = credential.identity().tier) return *own;
  return static_cast<int>(std::ranges::find(providers, credential.provider()) - providers.begin());
}

struct Place {
  Standing standing;
  Ticks until = 0;
};

Place place_of(const Credential& credential, Ticks rests_until, Ticks now) {
  if (!credential.serves()) return {Standing::kDisabled};
  if (rests_until == kNever) return {Standing::kNoQuota};
  if (rests_until > now) return {Standing::kCooling, rests_until};
  if (credential.leased() >= credential.most_leases()) return {Standing::kBusy};
  return {Standing::kAvailable};
}

}  // namespace

Lane::Lane(std::string its_provider, std::uint32_t its_weight, std::uint32_t its_number,
           std::vector<Credential*> its_members, std::vector<std::uint32_t> its_order)
    : provider(std::move(its_provider)),
      weight(its_weight),
      number(its_number),
      members(std::move(its_members)),
      order(std::move(its_order)),
      all(static_cast<std::uint32_t>(members.size())),
      most_models(std::clamp<std::size_t>(
          kMostBytesOfModels / (kBytesOfMember * members.size() + 1), 2, kMostModels)) {}

const AvailableSet& Lane::available(const ModelName& model, bool& exact) const {
  const std::uint32_t count = model_count.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (models[i]->hash == model.hash && models[i]->model == model.name) return models[i]->set;
  }
  exact = exact && count < most_models;
  return all;
}

Roster::Roster(CredentialList list, std::span<const std::string> providers, Ticks now)
    : list_(std::move(list)) {
  index_ids();
  sort_into_lanes(providers);
  refresh_all(now);
}

void Roster::index_ids() {
  ids_.assign(std::bit_ceil(list_.size() * 2 + 1), kEmpty);
  const std::size_t mask = ids_.size() - 1;
  for (std::uint32_t i = 0; i < list_.size(); ++i) {
    std::size_t slot = std::hash<std::string_view>()(list_[i]->id()) & mask;
    while (ids_[slot] != kEmpty) slot = (slot + 1) & mask;
    ids_[slot] = i;
  }
}

void Roster::sort_into_lanes(std::span<const std::string> providers) {
  using Key = std::tuple<int, std::string, std::uint32_t>;
  struct Members {
    std::vector<Credential*> members;
    std::vector<std::uint32_t> order;
  };
  std::map<Key, Members> sorted;
  for (std::uint32_t i = 0; i < list_.size(); ++i) {
    Credential& credential = *list_[i];
    Members& into = sorted[{tier_of(credential, providers), credential.provider(),
                            rounded(credential.identity().weight)}];
    credential.place_ = static_cast<std::uint32_t>(into.members.size());
    into.members.push_back(&credential);
    into.order.push_back(i);
  }
  for (auto& [key, members] : sorted) {
    const auto& [tier, provider, weight] = key;
    const auto number = static_cast<std::uint32_t>(lanes_.size());
    lanes_.push_back(std::make_unique<Lane>(provider, weight, number, std::move(members.members),
                                            std::move(members.order)));
    for (Credential* member : lanes_.back()->members) {
      member->lane_ = number;
      if (member->number_ == UINT32_MAX) continue;
      if (by_number_.size() <= member->number_) by_number_.resize(member->number_ + 1);
      by_number_[member->number_] = {member, tier, lanes_.back()->order[member->place_]};
    }
    if (tiers_.empty() || tiers_.back().number != tier)
      tiers_.push_back({.number = tier, .lanes = {}});
    tiers_.back().lanes.push_back(lanes_.back().get());
  }
}

const CredentialPtr* Roster::find(std::string_view id) const {
  const std::size_t mask = ids_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(id) & mask;
  for (; ids_[slot] != kEmpty; slot = (slot + 1) & mask) {
    if (list_[ids_[slot]]->id() == id) return &list_[ids_[slot]];
  }
  return nullptr;
}

std::uint32_t Roster::available() const {
  std::uint32_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->all.size();
  return sum;
}

// A model that one of the members rests for gets a set of its own.
void Roster::note_models(Lane& lane, const Credential& credential, Ticks now) {
  if (!credential.has_model_rests_.load(std::memory_order_acquire)) return;
  std::vector<std::string> names;
  {
    const std::lock_guard lock(credential.mutex_);
    if (credential.details_ == nullptr) return;
    for (const auto& rest : credential.details_->models) {
      const std::uint32_t count = lane.model_count.load(std::memory_order_relaxed);
      const bool known =
          std::any_of(lane.models.begin(), lane.models.begin() + count,
                      [&](const auto& each) { return each->model == rest.cooldown.model; });
      if (!known) names.push_back(rest.cooldown.model);
    }
  }
  for (const std::string& name : names) {
    const std::uint32_t count = lane.model_count.load(std::memory_order_relaxed);
    if (count == lane.most_models) return;
    auto added =
        std::make_unique<Lane::ForModel>(name, static_cast<std::uint32_t>(lane.members.size()));
    for (std::uint32_t place = 0; place < lane.members.size(); ++place) {
      const Credential& member = *lane.members[place];
      const Ticks whole = member.cool_until_.load(std::memory_order_relaxed);
      const Ticks rests = member.model_rests_until(name);
      Place at = place_of(member, std::max(whole, rests), now);
      if (at.standing == Standing::kAvailable && rests == Credential::kBusy) {
        at = {Standing::kBusy};
      }
      added->set.put(place, lane.members[place], at.standing, at.until);
    }
    lane.models[count] = std::move(added);
    lane.model_count.store(count + 1, std::memory_order_release);
  }
}

void Roster::put(Lane& lane, Credential& credential, Ticks now) {
  const Ticks whole = credential.cool_until_.load(std::memory_order_relaxed);
  const Place in_all = place_of(credential, whole, now);
  lane.all.put(credential.place_, &credential, in_all.standing, in_all.until);
  const std::uint32_t count = lane.model_count.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Ticks rests = credential.model_rests_until(lane.models[i]->model);
    Place at = place_of(credential, std::max(whole, rests), now);
    if (at.standing == Standing::kAvailable && rests == Credential::kBusy) at = {Standing::kBusy};
    lane.models[i]->set.put(credential.place_, &credential, at.standing, at.until);
  }
}

void Roster::refresh(Credential& credential, Ticks now) const {
  if (credential.lane_ >= lanes_.size()) return;
  Lane& lane = *lanes_[credential.lane_];
  if (credential.place_ >= lane.members.size() || lane.members[credential.place_] != &credential) {
    return;  // removed meanwhile
  }
  note_models(lane, credential, now);
  put(lane, credential, now);
  note_next_return();
}

void Roster::refresh_all(Ticks now) const {
  for (const auto& lane : lanes_) {
    for (Credential* member : lane->members) {
      note_models(*lane, *member, now);
      put(*lane, *member, now);
    }
  }
  note_next_return();
}

std::size_t Roster::take_back(Ticks now, std::size_t most) const {
  std::size_t taken = 0;
  const auto take = [&](Lane& lane, AvailableSet& set) {
    while (taken < most) {
      const std::uint32_t place = set.take_returned(now);
      if (place == UINT32_MAX) return;
      put(lane, *lane.members[place], now);
      ++taken;
    }
  };
  for (const auto& lane : lanes_) {
    take(*lane, lane->all);
    const std::uint32_t count = lane->model_count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i) take(*lane, lane->models[i]->set);
  }
  note_next_return();
  return taken;
}

Roster::Standings Roster::standings(const ModelName& model,
                                    std::span<const std::string_view> providers) const {
  Standings sum;
  for (const auto& lane : lanes_) {
    if (!providers.empty() && std::ranges::find(providers, lane->provider) == providers.end()) {
      continue;
    }
    AvailableSet* set = &lane->all;
    const std::uint32_t count = lane->model_count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (lane->models[i]->model == model.name) set = &lane->models[i]->set;
    }
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
      sum.counts[i] += set->count(static_cast<Standing>(i));
    }
    sum.earliest = std::min(sum.earliest, set->earliest_return());
  }
  return sum;
}

void Roster::note_next_return() const {
  Ticks next = kNever;
  for (const auto& lane : lanes_) {
    next = std::min(next, lane->all.next_return());
    const std::uint32_t count = lane->model_count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i) {
      next = std::min(next, lane->models[i]->set.next_return());
    }
  }
  next_return_.store(next, std::memory_order_relaxed);
}

}  // namespace wasat::pool
