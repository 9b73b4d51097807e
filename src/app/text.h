// Small work on text for reading settings. Start-up only.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::app {

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

// Items between commas, semicolons, spaces and lines, without their quotes and without
// the brackets of a JSON array: `k1,k2`, `"k1" "k2"`, `["k1", "k2"]`.
std::vector<std::string_view> split_list(std::string_view text);
// The same without semicolons, which belong to the items: `a=1;b=2,c=3`.
std::vector<std::string_view> split_pairs(std::string_view text);
std::string with_commas(std::span<const std::string> items);

// "240", "240s", "1.5m", "500ms", "2h", "1d": milliseconds. A bare number is seconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
// "1048576", "64KiB", "64k", "256 MB": bytes, in powers of 1024.
std::optional<std::int64_t> parse_bytes(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<bool> parse_switch(std::string_view text);

// The candidate that was probably meant, or nothing.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

}  // namespace wasat::app
