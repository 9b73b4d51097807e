// Roster: all credentials of the pool at a time, and which of them can serve now.
//
// Who is in it never changes: the pool publishes another one. It is sorted into
// tiers, and these into lanes of one provider and one weight; each lane knows who
// is available, as a whole and for each model that some of its members rest for.
// Availability is brought up to date by refresh(), which looks at the credential
// itself and can therefore be called at any time. refresh() and its like run under
// the pool's index lock; everything else is for any thread.

#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pool/available_set.h"

namespace wasat::pool {

using CredentialList = std::vector<CredentialPtr>;

// A model's name and its hash, computed once per lease.
struct ModelName {
  std::string_view name;  // empty: none in particular
  std::size_t hash = 0;
  explicit ModelName(std::string_view model)
      : ModelName(model, std::hash<std::string_view>()(model)) {}
  ModelName(std::string_view model, std::size_t its_hash) : name(model), hash(its_hash) {}
};

struct Lane {
  struct ForModel {
    ForModel(std::string_view name, std::uint32_t members)
        : model(name), hash(ModelName(name).hash), set(members) {}
    const std::string model;
    const std::size_t hash;
    AvailableSet set;
  };
  static constexpr std::size_t kMostModels = 16;

  Lane(std::string its_provider, std::uint32_t its_weight, std::uint32_t its_number,
       std::vector<Credential*> its_members, std::vector<std::uint32_t> its_order);

  // Those available for `model`; `exact` is false when rests for it are not kept
  // apart, since there are too many models.
  const AvailableSet& available(const ModelName& model, bool& exact) const;

  const std::string provider;
  const std::uint32_t weight;
  const std::uint32_t number;
  const std::vector<Credential*> members;
  const std::vector<std::uint32_t> order;  // of the members, in the pool's list
  AvailableSet all;
  // Grows at its end.
  std::array<std::unique_ptr<ForModel>, kMostModels> models;
  std::atomic<std::uint32_t> model_count{0};
  std::size_t most_models;
};

struct Tier {
  int number = 0;
  std::vector<const Lane*> lanes;
};

class Roster {
 public:
  // `providers` in their order: a credential without a tier of its own has its provider's
  // place for one. Numbers of the credentials are set already.
  Roster(CredentialList list, std::span<const std::string> providers, Ticks now);
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;

  const CredentialList& list() const { return list_; }
  std::span<const Tier> tiers() const { return tiers_; }
  // Null: there is none.
  const CredentialPtr* find(std::string_view id) const;
  // When somebody may be back.
  Ticks next_return() const { return next_return_.load(std::memory_order_relaxed); }
  std::uint32_t available() const;
  // A number that was given by the pool, and the tier it is in.
  struct Numbered {
    Credential* credential = nullptr;
    int tier = 0;
    std::uint32_t in_list = 0;
  };
  Numbered by_number(std::uint32_t number) const {
    return number < by_number_.size() ? by_number_[number] : Numbered();
  }

  // Under the index lock, of the newest roster only.
  void refresh(Credential& credential, Ticks now) const;
  // Takes back at most `most` whose time has come. How many it looked at.
  std::size_t take_back(Ticks now, std::size_t most) const;
  void refresh_all(Ticks now) const;
  // The sum over all lanes, for `model` or, when it is empty, as a whole.
  struct Standings {
    std::array<std::size_t, static_cast<std::size_t>(Standing::kCount)> counts{};
    Ticks earliest = kNever;
    std::size_t all() const { return std::accumulate(counts.begin(), counts.end(), std::size_t{}); }
    std::size_t of(Standing standing) const { return counts[static_cast<std::size_t>(standing)]; }
  };
  Standings standings(const ModelName& model, std::span<const std::string_view> providers) const;

 private:
  void index_ids();
  void sort_into_lanes(std::span<const std::string> providers);
  static void note_models(Lane& lane, const Credential& credential, Ticks now);
  static void put(Lane& lane, Credential& credential, Ticks now);
  void note_next_return() const;

  const CredentialList list_;
  std::vector<std::uint32_t> ids_;  // open addressing, places in list_
  std::vector<Numbered> by_number_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Tier> tiers_;
  mutable std::atomic<Ticks> next_return_{kNever};
};

}  // namespace wasat::pool
