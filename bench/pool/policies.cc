#include "bench/pool/policies.h"

#include <algorithm>

namespace bench {
namespace {

using wasat::pool::CredentialPtr;
using wasat::pool::Demand;

// Knows the truth, as no policy can: the best success rate just now, quotas included.
// What it is still short of is what chance takes.
class Oracle final : public wasat::pool::Scheduler {
 public:
  explicit Oracle(const World& world) : world_(world) {}

  const CredentialPtr* choose(std::span<const CredentialPtr> credentials, const Demand& demand,
                              WallTime now) override {
    const CredentialPtr* fallback = nullptr;
    for (const std::size_t i : world_.best_first()) {
      const CredentialPtr& credential = credentials[i];
      if (!wasat::pool::eligible(demand, *credential, now)) continue;
      if (wasat::pool::was_tried(demand, *credential)) continue;
      if (world_.success_rate(i) > 0) return &credential;
      if (fallback == nullptr) fallback = &credential;
    }
    return fallback;
  }

 private:
  const World& world_;
};

}  // namespace

const std::vector<std::string_view>& policy_names() {
  static const std::vector<std::string_view> names = {"round_robin", "oracle"};
  return names;
}

std::unique_ptr<wasat::pool::Scheduler> make_policy(std::string_view name, const World& world,
                                                    std::uint64_t) {
  if (name == "round_robin") return std::make_unique<wasat::pool::RoundRobin>();
  if (name == "oracle") return std::make_unique<Oracle>(world);
  return nullptr;
}

}  // namespace bench
