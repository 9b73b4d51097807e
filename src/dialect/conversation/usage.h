// Token counts of Gemini's usageMetadata, in the way that other vendors count.

#pragma once

#include <string>

#include "gemini/call.h"
#include "json/reader.h"

namespace wasat::dialect {

// Counts that `metadata` leaves out keep their last value: streams repeat the
// cumulative ones, and their first chunks know only some.
void read_usage(json::Value metadata, gemini::Usage& usage);

// What the client is told. `output` includes `thoughts`; `input` includes `cached`.
struct CountedTokens {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cached = 0;
  std::int64_t thoughts = 0;
};
CountedTokens counted(const gemini::Usage& usage);

}  // namespace wasat::dialect
