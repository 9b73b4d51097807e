#include "store/sqlite/usage_reader.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "store/ledger/sum_block.h"
#include "store/ledger/sums.h"
#include "store/sqlite/usage_writer.h"

namespace wasat::store {
namespace {

// A stretch of time that sums of one step cover.
struct Stretch {
  UsageStep step;
  Time since;
  Time until;
};

// The start of `step` that `time` is in, or the next one.
Time step_end(Time time, UsageStep step) {
  const Time start = step_start(time, step);
  return start == time ? time : start + step_length(step);
}

// Whole days in the middle, hours around them, minutes at the ends, as far as they are kept.
std::vector<Stretch> cover(Time since, Time until, Time now) {
  const auto kept = [now](Time time) {
    if (time < step_start(now - kHoursKept, UsageStep::kHour)) return UsageStep::kDay;
    return time < step_start(now - kMinutesKept, UsageStep::kMinute) ? UsageStep::kHour
                                                                     : UsageStep::kMinute;
  };
  since = step_start(since, kept(since));
  // To the finest step that is there. Behind now there is nothing, so the day that goes on is
  // as good as its minutes.
  until = step_end(until, until > now ? UsageStep::kDay : kept(until));
  std::vector<Stretch> stretches;
  const auto stretch = [&stretches](UsageStep step, Time from, Time to) {
    if (from < to) stretches.push_back({step, from, to});
  };
  const Time first_hour = std::min(step_end(since, UsageStep::kHour), until);
  const Time last_hour = std::max(step_start(until, UsageStep::kHour), first_hour);
  const Time first_day = std::min(step_end(first_hour, UsageStep::kDay), last_hour);
  const Time last_day = std::max(step_start(last_hour, UsageStep::kDay), first_day);
  stretch(UsageStep::kMinute, since, first_hour);
  stretch(UsageStep::kHour, first_hour, first_day);
  stretch(UsageStep::kDay, first_day, last_day);
  stretch(UsageStep::kHour, last_day, last_hour);
  stretch(UsageStep::kMinute, last_hour, until);
  return stretches;
}

// Sums of one time, and of some names or of all.
class Gathered {
 public:
  explicit Gathered(const std::vector<std::int64_t>* only) : only_(only) {}

  void add(std::int64_t name, const UsageSum& sum) {
    if (only_ != nullptr && !std::ranges::binary_search(*only_, name)) return;
    add_up(sums_[name], sum);
  }
  std::unordered_map<std::int64_t, UsageSum>& sums() { return sums_; }

 private:
  const std::vector<std::int64_t>* only_;  // in order; null: all
  std::unordered_map<std::int64_t, UsageSum> sums_;
};

// The numbers of names, in order; those that are none are left out.
Result<std::vector<std::int64_t>> numbers_of(Database& database,
                                             const std::vector<std::string>& names) {
  std::vector<std::int64_t> numbers;
  for (const std::string& name : names) {
    Result<Statement> row = database.kept("SELECT id FROM names WHERE text = ?");
    if (!row) return std::unexpected(std::move(row.error()));
    const Result<bool> found = row->bind(name).step();
    if (!found) return std::unexpected(found.error());
    if (*found) numbers.push_back(row->integer(0));
  }
  std::ranges::sort(numbers);
  return numbers;
}

// Gives what `rows` has to `add`, row by row.
template <class Add>
Result<> each_row(Result<Statement> rows, UsageKey key, const Stretch& stretch, Add add) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(static_cast<std::int64_t>(key), static_cast<std::int64_t>(stretch.step),
             to_integer(stretch.since), to_integer(stretch.until));
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    add(*rows, Time(std::chrono::milliseconds(rows->integer(0))));
  }
}

// `at` gives where the sums of a step go.
template <class At>
Result<> gather(Database& database, UsageKey key, const Stretch& stretch, At at) {
  UsageSum sum;
  Result<> done = each_row(
      database.kept("SELECT start, bytes FROM sum_blocks"
                    " WHERE kind = ? AND step = ? AND start >= ? AND start < ? ORDER BY start"),
      key, stretch, [&](const Statement& row, Time start) {
        std::optional<SumBlockReader> block = SumBlockReader::open(row.blob(1));
        Gathered& gathered = at(start);
        for (std::int64_t name = 0; block && block->next(name, sum);) gathered.add(name, sum);
      });
  if (!done) return done;
  return each_row(
      database.kept("SELECT start, name, requests, failures, attempts, input, cached, output,"
                    " thoughts, cost, first_bytes, first_byte_us, duration_us FROM sums"
                    " WHERE kind = ? AND step = ? AND start >= ? AND start < ?"),
      key, stretch,
      [&](const Statement& row, Time start) { at(start).add(row.integer(1), sum_of(row, 2)); });
}

// What names are called; each is asked for once.
class Names {
 public:
  explicit Names(Database& database) : database_(database) {}

  Result<std::string> text(std::int64_t number) {
    if (const auto known = texts_.find(number); known != texts_.end()) return known->second;
    Result<Statement> row = database_.kept("SELECT text FROM names WHERE id = ?");
    if (!row) return std::unexpected(std::move(row.error()));
    const Result<bool> found = row->bind(number).step();
    if (!found) return std::unexpected(found.error());
    return texts_[number] = *found ? row->text(0) : std::string_view();
  }

 private:
  Database& database_;
  std::unordered_map<std::int64_t, std::string> texts_;
};

Result<std::vector<UsageSum>> read_now(Database& database, const std::vector<Stretch>& stretches,
                                       std::optional<Time> whole, UsageKey key,
                                       const std::vector<std::string>& only) {
  Result<std::vector<std::int64_t>> numbers = numbers_of(database, only);
  if (!numbers) return std::unexpected(std::move(numbers.error()));
  std::map<Time, Gathered> by_time;
  const auto at = [&](Time start) -> Gathered& {
    return by_time.try_emplace(whole.value_or(start), only.empty() ? nullptr : &*numbers)
        .first->second;
  };
  for (const Stretch& stretch : stretches) {
    if (Result<> done = gather(database, key, stretch, at); !done) {
      return std::unexpected(std::move(done.error()));
    }
  }
  std::vector<UsageSum> found;
  Names names(database);
  for (auto& [time, gathered] : by_time) {
    const auto first = static_cast<std::ptrdiff_t>(found.size());
    for (auto& [number, sum] : gathered.sums()) {
      Result<std::string> text = names.text(number);
      if (!text) return std::unexpected(std::move(text.error()));
      sum.from = time;
      sum.key = std::move(*text);
      found.push_back(std::move(sum));
    }
    std::ranges::sort(found.begin() + first, found.end(), {}, &UsageSum::key);
  }
  return found;
}

}  // namespace

Result<std::vector<UsageSum>> read_usage(Database& database, Time since, Time until, UsageStep step,
                                         UsageKey key, const std::vector<std::string>& only,
                                         Time now) {
  return database.at_one_moment([&] {
    return step == UsageStep::kWhole
               ? read_now(database, cover(since, until, now), since, key, only)
               : read_now(database, {{step, step_start(since, step), until}}, std::nullopt, key,
                          only);
  });
}

}  // namespace wasat::store
