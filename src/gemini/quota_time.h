// When a quota is there again: the forms in which Google says it.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace wasat::gemini {

using SystemTime = std::chrono::system_clock::time_point;

// "34.4s", "900ms", "13h19m1.20964964s", "1h2m3s", "2d": Go's and protobuf's
// forms. Rounded up to milliseconds, at most a year. nullopt: not a duration.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// The first duration behind `phrase` in a text ("Please retry in 12.5s.").
// The phrase is found whatever its case.
std::optional<std::chrono::milliseconds> duration_after(std::string_view text,
                                                        std::string_view phrase);

// "2025-11-30T14:57:24Z", also with a fraction and with an offset.
std::optional<SystemTime> parse_timestamp(std::string_view text);

// When daily quotas begin anew: the next midnight in Los Angeles, by the rule
// of the Energy Policy Act of 2005 (second Sunday in March, first in November).
SystemTime next_pacific_midnight(SystemTime now);

}  // namespace wasat::gemini
