#include <algorithm>
#include <utility>

#include "pool/scheduler.h"

namespace wasat::pool {
namespace {

// About evenly in [0, bound), by 32 bits of randomness.
std::uint64_t below(std::uint32_t random, std::uint64_t bound) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(random) * bound >> 32);
}

}  // namespace

bool is_demanded(const Demand& demand, std::string_view provider) {
  return std::ranges::find(demand.providers, provider) != demand.providers.end();
}

Candidates::Candidates(const Tier& tier, const Demand& demand, const ModelName& model, Ticks now,
                       Room& room)
    : demand_(demand), model_(model), now_(now), slices_(room.slices), sample_(room.sample) {
  slices_.clear();
  for (const Lane* lane : tier.lanes) {
    if (!is_demanded(demand, lane->provider)) continue;
    const AvailableSet& set = lane->available(model, exact_);
    const std::uint32_t size = set.size();
    if (size == 0) continue;
    one_weight_ = one_weight_ && (slices_.empty() || slices_.front().lane->weight == lane->weight);
    slices_.push_back({lane, &set, size});
    count_ += size;
    weight_ += std::uint64_t{size} * lane->weight;
  }
}

Credential* Candidates::at(std::uint32_t index) const {
  for (const Slice& slice : slices_) {
    if (index < slice.size) return index < slice.set->size() ? slice.set->at(index) : nullptr;
    index -= slice.size;
  }
  return nullptr;
}

Credential* Candidates::draw(std::uint32_t random) const {
  if (slices_.size() == 1) {
    // One that has just left stays in its slot until another takes it: it is asked itself.
    const Slice& only = slices_.front();
    return only.set->at(static_cast<std::uint32_t>(below(random, only.size)));
  }
  if (weight_ == 0) return nullptr;
  std::uint64_t at = below(random, weight_);
  for (const Slice& slice : slices_) {
    const std::uint64_t weight = std::uint64_t{slice.size} * slice.lane->weight;
    if (at >= weight) {
      at -= weight;
      continue;
    }
    const auto index =
        static_cast<std::uint32_t>(slice.lane->weight == 1 ? at : at / slice.lane->weight);
    return index < slice.set->size() ? slice.set->at(index) : nullptr;
  }
  return nullptr;
}

std::span<Credential*> Candidates::gather(Random& random, Few& into) const {
  std::size_t drawn = kSample;
  if (few()) {
    drawn = count_;
    for (std::uint32_t i = 0; i < count_; ++i) into[i] = at(i);
  } else {
    for (std::size_t i = 0; i < kSample; i += 2) {
      const std::uint64_t bits = std::exchange(sample_[i / 2], random.next());
      into[i] = draw(static_cast<std::uint32_t>(bits));
      into[i + 1] = draw(static_cast<std::uint32_t>(bits >> 32));
    }
  }
  // They lie anywhere in memory: all at once takes no longer than one.
  for (std::size_t i = 0; i < drawn; ++i) __builtin_prefetch(into[i]);
  const bool any = takes_any();
  std::size_t found = 0;
  for (std::size_t i = 0; i < drawn; ++i) {
    Credential* each = into[i];
    if (each != nullptr && each->available(now_) && (any || is_wanted(*each))) {
      into[found++] = each;
    }
  }
  if (found == 0 && !few()) scan(random, into, found);
  return {into.data(), found};
}

void Candidates::fetch_ahead() const {
  if (few()) return;
  for (const std::uint64_t bits : sample_) {
    __builtin_prefetch(draw(static_cast<std::uint32_t>(bits)));
    __builtin_prefetch(draw(static_cast<std::uint32_t>(bits >> 32)));
  }
}

// The sample had no luck: some neighbours from anywhere on.
void Candidates::scan(Random& random, Few& into, std::size_t& found) const {
  if (count_ == 0) return;
  auto index = static_cast<std::uint32_t>(below(static_cast<std::uint32_t>(random.next()), count_));
  const std::size_t most = std::min<std::size_t>(count_, kMostSkipped);
  for (std::size_t i = 0; i < most && found < kSample; ++i) {
    Credential* candidate = at(index);
    if (candidate != nullptr && acceptable(*candidate)) into[found++] = candidate;
    if (++index == count_) index = 0;
  }
}

Credential* Candidates::first() const {
  Credential* best = nullptr;
  std::uint32_t best_order = UINT32_MAX;
  for (const Slice& slice : slices_) {
    std::uint32_t place = slice.set->first_from(0);
    for (std::size_t i = 0; place != UINT32_MAX && i < kMostSkipped; ++i) {
      if (slice.lane->order[place] >= best_order) break;
      if (acceptable(*slice.lane->members[place])) {
        best = slice.lane->members[place];
        best_order = slice.lane->order[place];
        break;
      }
      place = slice.set->first_from(place + 1);
    }
  }
  return best;
}

}  // namespace wasat::pool
