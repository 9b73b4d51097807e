// The ways to choose that the study compares.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pool/options.h"

namespace bench {

// The pool's own, and the oracle: who knows the truth, as no policy can, and takes the
// credential with the best success rate just now, quotas included. What it is still
// short of is what chance takes.
inline constexpr std::string_view kOracle = "oracle";

const std::vector<std::string_view>& policy_names();
// nullopt: none of the pool's.
std::optional<wasat::pool::Policy> find_policy(std::string_view name);

}  // namespace bench
