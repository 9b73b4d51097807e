// Times in requests.

#pragma once

#include <optional>
#include <string_view>

#include "store/records.h"

namespace wasat::admin {

// RFC 3339 in UTC or with an offset: "2030-01-31T12:00:00Z", "2030-01-31T12:00:00.250+08:00";
// a date alone is its midnight in UTC. nullopt for anything else, and before 1970.
std::optional<store::Time> read_time(std::string_view text);

}  // namespace wasat::admin
