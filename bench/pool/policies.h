// The ways to choose that the study compares.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "bench/pool/world.h"
#include "pool/scheduler.h"

namespace bench {

// Null: there is no such policy.
std::unique_ptr<wasat::pool::Scheduler> make_policy(std::string_view name, const World& world,
                                                    std::uint64_t seed);
const std::vector<std::string_view>& policy_names();

}  // namespace bench
