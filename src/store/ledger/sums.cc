#include "store/ledger/sums.h"

#include <tuple>

#include "store/ledger/presence.h"

namespace wasat::store {

std::chrono::milliseconds step_length(UsageStep step) {
  switch (step) {
    case UsageStep::kMinute:
      return std::chrono::minutes(1);
    case UsageStep::kHour:
      return std::chrono::hours(1);
    case UsageStep::kDay:
    case UsageStep::kWhole:
      break;
  }
  return std::chrono::hours(24);
}

Time step_start(Time time, UsageStep step) {
  const std::chrono::milliseconds length = step_length(step);
  std::chrono::milliseconds within = time.time_since_epoch() % length;
  if (within.count() < 0) within += length;
  return time - within;
}

void add_up(UsageSum& sum, const UsageSum& more) {
  sum.requests += more.requests;
  sum.failures += more.failures;
  sum.attempts += more.attempts;
  sum.input += more.input;
  sum.cached += more.cached;
  sum.output += more.output;
  sum.thoughts += more.thoughts;
  sum.cost += more.cost;
  sum.first_bytes += more.first_bytes;
  sum.first_byte_us += more.first_byte_us;
  sum.duration_us += more.duration_us;
}

std::size_t Sums::Hash::operator()(std::string_view text) const {
  return trait_hash(Trait::kId, text);
}

void Sums::add(const LedgerNote& note) {
  const Time start = step_start(note.time, UsageStep::kMinute);
  if (recent_ == nullptr || recent_start_ != start) {
    recent_ = &minutes_[start];
    recent_start_ = start;
  }
  const UsageSum entry{.requests = 1,
                       .failures = is_failure(note.outcome) ? 1 : 0,
                       .attempts = note.attempts,
                       .input = note.input,
                       .cached = note.cached,
                       .output = note.output,
                       .thoughts = note.thoughts,
                       .cost = note.cost,
                       .first_bytes = note.first_byte_us > 0 ? 1 : 0,
                       .first_byte_us = note.first_byte_us,
                       .duration_us = note.duration_us};
  add_to(*recent_, UsageKey::kNothing, {}, entry);
  const auto add_known = [&](UsageKey key, std::string_view text) {
    if (!text.empty()) add_to(*recent_, key, text, entry);
  };
  add_known(UsageKey::kToken, note.token_id);
  add_known(UsageKey::kCredential, note.credential_id);
  // Names that clients make up must not become rows that are kept for good.
  if (note.attempts > 0 && note.outcome != "model_not_found") {
    add_known(UsageKey::kModel, note.upstream_model);
  }
  add_known(UsageKey::kDialect, note.dialect);
  add_known(UsageKey::kProvider, note.provider);
}

void Sums::add_to(Minute& minute, UsageKey key, std::string_view text, const UsageSum& entry) {
  const auto index = static_cast<std::size_t>(key);
  ByText::value_type*& recent = minute.recent[index];
  if (recent == nullptr || recent->first != text) {
    ByText& sums = minute.keys[index];
    auto found = sums.find(text);
    if (found == sums.end()) found = sums.emplace(std::string(text), UsageSum()).first;
    recent = &*found;
  }
  add_up(recent->second, entry);
}

void Sums::each(const std::function<void(UsageKey, UsageStep, const UsageSum&)>& use) const {
  std::map<std::tuple<std::size_t, UsageStep, Time, std::string_view>, UsageSum> all;
  for (const auto& [start, minute] : minutes_) {
    for (std::size_t key = 0; key < kUsageKeys; ++key) {
      for (const auto& [text, sum] : minute.keys[key]) {
        for (const UsageStep step : {UsageStep::kMinute, UsageStep::kHour, UsageStep::kDay}) {
          add_up(all[{key, step, step_start(start, step), text}], sum);
        }
      }
    }
  }
  for (auto& [place, sum] : all) {
    const auto& [key, step, start, text] = place;
    sum.from = start;
    sum.key = text;
    use(static_cast<UsageKey>(key), step, sum);
  }
}

}  // namespace wasat::store
