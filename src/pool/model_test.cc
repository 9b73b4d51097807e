// The pool against a small reference that looks at everybody, over random operations.

#include <list>

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

constexpr std::array<std::string_view, 2> kBoth{"api_key", "code_assist"};
constexpr std::array<std::string_view, 3> kModels{"m1", "m2", ""};

// What is known of one credential, told by the pool's listener and by the test's own doings.
struct Known {
  int tier = 0;
  std::string provider;
  std::uint32_t most = 0;
  bool ready = true;
  bool half_open = false;
  WallTime until{};
  struct Rest {
    WallTime until{};
    bool half_open = false;
    bool probed = false;
  };
  std::map<std::string, Rest, std::less<>> models;
  int leased = 0;

  bool can_serve(std::string_view model, WallTime now) const {
    if (!ready || until > now) return false;
    const int cap = half_open ? 1 : most == 0 ? 1'000'000 : static_cast<int>(most);
    if (leased >= cap) return false;
    const auto rest = models.find(model);
    return rest == models.end() || (rest->second.until <= now && !rest->second.probed);
  }
};

class Model : public PoolCase, public ::testing::WithParamInterface<Policy> {
 protected:
  struct Watch final : PoolListener {
    explicit Watch(std::map<std::string, Known>& known) : known_(known) {}
    void state_changed(const Credential& credential) override {
      known_[credential.id()].ready = credential.state() == CredentialState::kReady;
    }
    void cooled(const Credential& credential, const Cooldown& cooldown) override {
      Known& known = known_[credential.id()];
      if (cooldown.model.empty()) {
        if (cooldown.until <= known.until) return;
        known.until = cooldown.until;
        known.half_open = known.half_open || cooldown.half_open;
        return;
      }
      Known::Rest& rest = known.models[cooldown.model];
      if (rest.until < cooldown.until) rest = {cooldown.until, cooldown.half_open, rest.probed};
    }
    void cooldown_cleared(const Credential& credential, std::string_view model) override {
      if (model.empty()) known_[credential.id()].until = {};
      known_[credential.id()].models.erase(std::string(model));
    }
    std::map<std::string, Known>& known_;
  };
  struct Held {
    Lease lease;
    std::string id;
    std::string model;
    bool probes = false;
  };

  CredentialPtr add(std::size_t number, Random& random) {
    CredentialIdentity identity;
    if (random.below(4) == 0) identity.provider = "code_assist";
    if (random.below(5) == 0) identity.tier = static_cast<int>(random.below(3)) - 1;
    if (random.below(3) == 0)
      identity.most_leases = static_cast<std::uint32_t>(random.below(3)) + 1;
    identity.weight = static_cast<std::uint32_t>(random.below(3)) + 1;
    CredentialPtr made = make(number, identity);
    Known& known = known_[made->id()];
    known.provider = made->provider();
    known.tier = made->identity().tier.value_or(known.provider == "api_key" ? 0 : 1);
    known.most = made->identity().most_leases;
    return made;
  }

  void take(Random& random) {
    std::vector<const Credential*> tried;
    const CredentialList list = *pool_->credentials();
    for (std::size_t i = random.below(3); i > 0 && !list.empty(); --i) {
      tried.push_back(list[random.below(list.size())].get());
    }
    const std::string_view model = kModels[random.below(kModels.size())];
    const bool both = random.below(3) > 0;
    const Demand demand{.providers = std::span(kBoth).first(both ? 2 : 1),
                        .model = model,
                        .tried = tried,
                        .affinity = random.below(2) * random.below(5)};
    const auto is_tried = [&](const std::string& id) {
      return std::ranges::any_of(tried, [&](const Credential* each) { return each->id() == id; });
    };
    std::optional<int> best_tier;
    std::optional<int> best_tried_tier;
    for (const auto& [id, known] : known_) {
      if (pool_->find(id) == nullptr || (!both && known.provider != "api_key")) continue;
      if (!known.can_serve(model, clock_.wall())) continue;
      std::optional<int>& best = is_tried(id) ? best_tried_tier : best_tier;
      best = std::min(best.value_or(1000), known.tier);
    }
    Result<Lease> leased = seat_->try_lease(demand);
    if (!leased) {
      EXPECT_FALSE(best_tier || best_tried_tier) << leased.error().detail;
      return;
    }
    const std::string id = leased->credential().id();
    Known& known = known_[id];
    EXPECT_TRUE(known.can_serve(model, clock_.wall())) << id;
    EXPECT_TRUE(both || known.provider == "api_key");
    EXPECT_EQ(leased->repeated, is_tried(id));
    EXPECT_EQ(known.tier, best_tier ? *best_tier : best_tried_tier.value_or(-9)) << id;
    EXPECT_EQ(best_tier.has_value(), !leased->repeated);
    ++known.leased;
    const auto rest = known.models.find(model);
    const bool probes = rest != known.models.end() && rest->second.half_open;
    if (probes) rest->second.probed = true;
    held_.push_back({std::move(*leased), id, std::string(model), probes});
  }

  void settle(Random& random) {
    if (held_.empty()) return;
    auto one = held_.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(random.below(held_.size())));
    Known& known = known_[one->id];
    switch (random.below(8)) {
      case 0: {
        gemini::Failure failure = slow_down("7s");
        failure.quota->whole_credential = random.below(2) == 0;
        one->lease.settle(Outcome::failed(failure));
        break;
      }
      case 1:
        one->lease.settle(Outcome::failed(bare_429()));
        break;
      case 2:
        one->lease.settle(Outcome::failed(
            {.error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "its own"),
             .blame = gemini::Blame::kCredential}));
        break;
      case 3:
        one->lease.settle(Outcome::failed(broken()));
        break;
      case 4:
        one->lease.settle(Outcome::abandoned());
        break;
      default: {
        one->lease.settle(Outcome::success());
        if (known.until <= clock_.wall()) known.half_open = false;
        const auto rest = known.models.find(one->model);
        if (rest != known.models.end() && rest->second.until <= clock_.wall()) {
          known.models.erase(rest);
        }
      }
    }
    --known.leased;
    const auto rest = known.models.find(one->model);
    if (one->probes && rest != known.models.end()) rest->second.probed = false;
    held_.erase(one);
  }

  void change(Random& random, std::size_t& next) {
    const CredentialList list = *pool_->credentials();
    if (list.empty() || random.below(3) == 0) {
      pool_->put({add(next++, random)});
      return;
    }
    Credential& credential = *list[random.below(list.size())];
    Known& known = known_[credential.id()];
    switch (random.below(3)) {
      case 0:
        pool_->set_state(credential, CredentialState::kDisabled, "by hand");
        known.ready = false;
        break;
      case 1:
        pool_->reset(credential);
        known.ready = true;
        known.half_open = false;
        known.until = {};
        known.models.clear();
        break;
      default:
        if (list.size() > 3) pool_->remove(std::vector<std::string>{credential.id()});
    }
  }

  std::map<std::string, Known> known_;
  std::list<Held> held_;
};

TEST_P(Model, AgreesWithTheReference) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    known_.clear();
    held_.clear();
    seat_.reset();
    Watch watch(known_);
    pool_ = std::make_unique<Pool>(
        clock_, PoolOptions{.policy = GetParam(), .providers = {"api_key", "code_assist"}}, &watch);
    seat_ = std::make_unique<Seat>(*pool_, nullptr, Random(seed));
    std::size_t next = 1;
    CredentialList list;
    for (std::size_t i = random.below(30) + 1; i > 0; --i) list.push_back(add(next++, random));
    pool_->replace(std::move(list));
    for (int step = 0; step < 1500 && !HasFailure(); ++step) {
      const std::uint64_t dice = random.below(20);
      if (dice < 9) {
        take(random);
      } else if (dice < 17) {
        settle(random);
      } else if (dice < 19) {
        clock_.advance(std::chrono::milliseconds(random.below(4000)));
        if (random.below(2) == 0) pool_->tick();
      } else {
        change(random, next);
      }
    }
    held_.clear();
    for (const CredentialPtr& each : *pool_->credentials()) EXPECT_EQ(each->leased(), 0u);
    const Census census = pool_->census();
    EXPECT_EQ(census.all, census.ready + census.cooling + census.disabled);
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << seed;
      seat_.reset();
      return;
    }
    seat_.reset();
    pool_.reset();
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, Model,
                         ::testing::Values(Policy::kThompson, Policy::kRoundRobin,
                                           Policy::kLeastBusy, Policy::kWeighted,
                                           Policy::kFillFirst));

}  // namespace
}  // namespace wasat::pool
