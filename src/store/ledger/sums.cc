#include "store/ledger/sums.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

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
  for (const auto number : kSumNumbers) sum.*number += more.*number;
}

void add_entry(UsageSum& sum, const NoteOwn& note, bool failed) {
  const auto& [input, cached, output, thoughts, cost, first_byte_us, duration_us, in, out] =
      note.numbers;
  ++sum.requests;
  if (failed) ++sum.failures;
  sum.attempts += note.attempts;
  sum.input += input;
  sum.cached += cached;
  sum.output += output;
  sum.thoughts += thoughts;
  sum.cost += cost;
  if (first_byte_us > 0) ++sum.first_bytes;
  sum.first_byte_us += first_byte_us;
  sum.duration_us += duration_us;
}

std::size_t Sums::Hash::operator()(const Place& place) const {
  std::uint64_t hash = static_cast<std::uint64_t>(place.minute.time_since_epoch().count());
  for (const std::string_view key : place.keys) {
    // Their ends tell most of them apart.
    std::uint64_t word = key.size();
    const std::size_t size = std::min(key.size(), sizeof(word));
    if (size > 0) std::memcpy(&word, key.data() + key.size() - size, size);
    hash = (hash ^ word ^ key.size()) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash;
}

UsageSum& Sums::at(Time minute, const LedgerNote& note, bool attempted) {
  // Names that clients make up must not become rows that are kept for good.
  const bool has_model = attempted && note.outcome != "model_not_found";
  return places_[{
      .minute = minute,
      .keys = {std::string_view(), note.token_id, note.credential_id,
               has_model ? note.upstream_model : std::string_view(), note.dialect, note.provider}}];
}

void Sums::each(const std::function<void(UsageKey, UsageStep, const UsageSum&)>& use) const {
  using Key = std::tuple<std::size_t, UsageStep, Time, std::string_view>;
  std::map<Key, UsageSum> minutes;
  for (const auto& [place, sum] : places_) {
    for (std::size_t key = 0; key < kUsageKeys; ++key) {
      if (key != 0 && place.keys[key].empty()) continue;
      add_up(minutes[{key, UsageStep::kMinute, place.minute, place.keys[key]}], sum);
    }
  }
  std::map<Key, UsageSum> all = minutes;
  for (const auto& [place, sum] : minutes) {
    const auto& [key, step, start, text] = place;
    for (const UsageStep longer : {UsageStep::kHour, UsageStep::kDay}) {
      add_up(all[{key, longer, step_start(start, longer), text}], sum);
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
