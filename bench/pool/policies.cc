#include "bench/pool/policies.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bench {
namespace {

using wasat::pool::Policy;

constexpr std::array kPolicies = {
    std::pair{std::string_view("round_robin"), Policy::kRoundRobin},
    std::pair{std::string_view("least_busy"), Policy::kLeastBusy},
    std::pair{std::string_view("weighted"), Policy::kWeighted},
    std::pair{std::string_view("fill_first"), Policy::kFillFirst},
    std::pair{std::string_view("thompson"), Policy::kThompson},
};

}  // namespace

const std::vector<std::string_view>& policy_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const auto& [name, policy] : kPolicies) all.push_back(name);
    all.push_back(kOracle);
    return all;
  }();
  return names;
}

std::optional<Policy> find_policy(std::string_view name) {
  const auto found = std::ranges::find(kPolicies, name, &decltype(kPolicies)::value_type::first);
  return found == kPolicies.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace bench
