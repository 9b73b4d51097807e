// Entries as a busy gateway's would be, for tests and benchmarks of large ledgers.

#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "store/ledger/sums.h"
#include "store/sqlite/ledger_writer.h"

namespace wasat::store {

class LedgerSample {
 public:
  static constexpr std::size_t kTokens = 50;
  static constexpr std::size_t kCredentials = 200;
  static constexpr std::int64_t kOldest = 1000;  // entries
  static constexpr std::string_view kErrorOfOldest = "the upstream's certificate has expired";

  // `count` entries spread over the time up to `until`, oldest first. One in 50 fails, one in
  // `rare` with the outcome "content_blocked"; of the first kOldest with an error of their own.
  static Result<> fill(LedgerWriter& writer, std::int64_t count, Time until,
                       std::chrono::milliseconds span, std::int64_t rare = 100'000) {
    constexpr std::array<std::string_view, 5> kModels = {
        "gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite", "gemini-3-pro-preview",
        "gemini-3-flash-preview"};
    constexpr std::array<std::string_view, 4> kDialects = {"gemini", "openai_chat", "anthropic",
                                                           "openai_responses"};
    constexpr std::int64_t kAtOnce = 8 * 1024;
    Random random(7);
    std::vector<std::string> ids(static_cast<std::size_t>(kAtOnce));
    NoteBatch notes;
    for (std::int64_t done = 0; done < count; done += kAtOnce) {
      notes.clear();
      const std::int64_t some = std::min(kAtOnce, count - done);
      for (std::int64_t i = 0; i < some; ++i) {
        std::string& id = ids[static_cast<std::size_t>(i)];
        id = random.id();
        const std::int64_t number = done + i;
        const bool is_rare = number % rare == rare / 2;
        const bool failed = is_rare || random.below(50) == 0;
        const std::string_view model = kModels[random.below(kModels.size())];
        notes.add({.time = moment(until - span * (count - number) / count, until),
                   .id = id,
                   .token_id = token(random.below(kTokens)),
                   .client = client(random.below(300)),
                   .dialect = kDialects[random.below(kDialects.size())],
                   .method = "streamGenerateContent",
                   .model = model,
                   .upstream_model = model,
                   .provider = "api_key",
                   .credential_id = credential(random.below(kCredentials)),
                   .outcome = is_rare  ? "content_blocked"
                              : failed ? "rate_limited"
                                       : "ok",
                   .error = error_of(number, is_rare, failed),
                   .attempts = failed ? 4 : 1,
                   .status = failed ? 429 : 200,
                   .input = static_cast<std::int64_t>(random.below(100'000)),
                   .cached = static_cast<std::int64_t>(random.below(50'000)),
                   .output = static_cast<std::int64_t>(random.below(4000)),
                   .thoughts = static_cast<std::int64_t>(random.below(2000)),
                   .cost = static_cast<std::int64_t>(random.below(100'000'000)),
                   .first_byte_us = static_cast<std::int64_t>(random.below(3'000'000)),
                   .duration_us = static_cast<std::int64_t>(random.below(30'000'000)),
                   .bytes_in = static_cast<std::int64_t>(random.below(400'000)),
                   .bytes_out = static_cast<std::int64_t>(random.below(100'000))});
      }
      if (Result<> written = writer.write(notes, {}); !written) return written;
      // What a writer does now and then, as of that time.
      if (done / kAtOnce % 8 != 7) continue;
      if (Result<> tidied = tidy(writer, notes.own(notes.size() - 1).time); !tidied) return tidied;
    }
    return {};
  }

  // An entry of each of `many` credentials, tokens and models in every minute, hour and day of
  // which an answer about the time up to `until` may need the sums.
  static Result<> fill_steps(LedgerWriter& writer, std::size_t many, Time until,
                             std::chrono::milliseconds span) {
    using std::chrono::hours;
    using std::chrono::minutes;
    const auto is_needed = [&](Time time) {
      if (time >= until - hours(2)) return true;  // minutes
      if (time >= until - hours(24) && time < until - hours(23)) return true;
      if (time < until - span + hours(24) || time >= until - hours(24)) {
        return step_start(time, UsageStep::kHour) == time;
      }
      return step_start(time, UsageStep::kDay) == time;
    };
    NoteBatch notes;
    for (Time time = step_start(until - span, UsageStep::kHour); time <= until;
         time += minutes(1)) {
      if (!is_needed(time)) continue;
      notes.clear();
      for (std::size_t i = 0; i < many; ++i) {
        notes.add({.time = time,
                   .id = "abcdefghijklmnopqrstuvwx",
                   .token_id = token(i),
                   .dialect = "gemini",
                   .upstream_model = model(i),
                   .provider = "api_key",
                   .credential_id = credential(i),
                   .outcome = "ok",
                   .attempts = 1,
                   .status = 200,
                   .input = 30'000,
                   .cached = 20'000,
                   .output = 2000,
                   .thoughts = 1000,
                   .cost = 60'000'000,
                   .first_byte_us = 2'000'000,
                   .duration_us = 20'000'000});
      }
      if (Result<> written = writer.write(notes, {}); !written) return written;
      if (Result<> done = tidy(writer, time); !done) return done;
    }
    return {};
  }

  static const std::string& token(std::size_t number) { return texts("token-id-", number); }
  static const std::string& credential(std::size_t number) {
    return texts("3f2a9c71-credential-", number);
  }

 private:
  static Result<> tidy(LedgerWriter& writer, Time now) {
    const LedgerLimits limits{.most_age = std::chrono::hours(24 * 365), .most_bytes = 1ull << 40};
    for (;;) {
      const Result<bool> more = writer.tidy(limits, now);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
  }
  static const std::string& model(std::size_t number) { return texts("gemini-", number); }
  static std::string_view error_of(std::int64_t number, bool is_rare, bool failed) {
    if (is_rare) return "the upstream blocked the prompt: PROHIBITED_CONTENT";
    if (!failed) return {};
    return number < kOldest ? kErrorOfOldest
                            : "the upstream says RESOURCE_EXHAUSTED: quota exceeded";
  }
  // Before the last day, of each hour the first six minutes: sums by minute go anyway.
  static Time moment(Time time, Time until) {
    if (time >= until - std::chrono::hours(24)) return time;
    const Time hour = std::chrono::floor<std::chrono::hours>(time);
    return hour + (time - hour) / 10;
  }
  static const std::string& client(std::size_t number) {
    return texts("2001:db8:85a3::8a2e:", number);
  }
  static const std::string& texts(std::string_view prefix, std::size_t number) {
    thread_local std::unordered_map<std::string_view, std::vector<std::string>> made;
    std::vector<std::string>& all = made[prefix];
    while (all.size() < 10'000)
      all.push_back(std::string(prefix) + std::to_string(1000 + all.size()));
    return all[number];
  }
};

}  // namespace wasat::store
