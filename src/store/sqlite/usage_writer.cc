#include "store/sqlite/usage_writer.h"

#include <algorithm>
#include <limits>

#include "store/ledger/sum_block.h"

namespace wasat::store {
namespace {

constexpr std::size_t kMostNames = 100'000;
constexpr std::int64_t kRemovedSteps = 64;  // at a time, so that nobody waits for long
constexpr std::chrono::minutes kLate{1};    // entries come so long after a step's end
constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

// Of the kind that every entry adds to.
Result<std::int64_t> first_start(Database& database, std::string_view sql, UsageStep step) {
  Result<Statement> row = database.kept(sql);
  if (!row) return std::unexpected(std::move(row.error()));
  row->bind(static_cast<std::int64_t>(UsageKey::kNothing), static_cast<std::int64_t>(step));
  const Result<bool> found = row->step();
  if (!found) return std::unexpected(found.error());
  return row->is_null(0) ? kNone : row->integer(0);
}

Result<std::int64_t> first_row(Database& database, UsageStep step) {
  return first_start(database, "SELECT MIN(start) FROM sums WHERE kind = ? AND step = ?", step);
}

// Some steps at a time, of each kind. True: there were some.
Result<bool> remove_old(Database& database, UsageStep step, Time before) {
  const std::int64_t end = to_integer(step_start(before, step));
  const Result<std::int64_t> row = first_row(database, step);
  if (!row) return std::unexpected(row.error());
  const Result<std::int64_t> block =
      first_start(database, "SELECT MIN(start) FROM sum_blocks WHERE kind = ? AND step = ?", step);
  if (!block) return std::unexpected(block.error());
  const std::int64_t first = std::min(*row, *block);
  if (first >= end) return false;
  const std::int64_t upto = std::min(end, first + kRemovedSteps * step_length(step).count());
  Result<> done = database.in_transaction([&] {
    Result<> removed;
    for (std::size_t kind = 0; kind < kUsageKeys; ++kind) {
      for (const std::string_view sql :
           {"DELETE FROM sums WHERE kind = ? AND step = ? AND start < ?",
            "DELETE FROM sum_blocks WHERE kind = ? AND step = ? AND start < ?"}) {
        if (!removed) return removed;
        removed = database.run(sql, static_cast<std::int64_t>(kind),
                               static_cast<std::int64_t>(step), upto);
      }
    }
    return removed;
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return true;
}

// What a block has, and the rows that came since.
Result<SumsByName> all_of(Database& database, std::int64_t kind, UsageStep step,
                          std::int64_t start) {
  SumsByName sums;
  Result<Statement> block =
      database.kept("SELECT bytes FROM sum_blocks WHERE kind = ? AND step = ? AND start = ?");
  if (!block) return std::unexpected(std::move(block.error()));
  const Result<bool> found = block->bind(kind, static_cast<std::int64_t>(step), start).step();
  if (!found) return std::unexpected(found.error());
  if (*found) {
    std::optional<SumBlockReader> reader = SumBlockReader::open(block->blob(0));
    UsageSum sum;
    for (std::int64_t name = 0; reader && reader->next(name, sum);) add_up(sums[name], sum);
  }
  Result<Statement> rows = database.kept(
      "SELECT name, requests, failures, attempts, input, cached, output, thoughts, cost,"
      " first_bytes, first_byte_us, duration_us FROM sums"
      " WHERE kind = ? AND step = ? AND start = ?");
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(kind, static_cast<std::int64_t>(step), start);
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return sums;
    add_up(sums[rows->integer(0)], sum_of(*rows, 1));
  }
}

// The rows of the first step that is over, of each kind. True: there was one.
Result<bool> make_blocks(Database& database, UsageStep step, Time now) {
  const Result<std::int64_t> start = first_row(database, step);
  if (!start) return std::unexpected(start.error());
  if (*start > to_integer(now - step_length(step) - kLate)) return false;
  Result<> done = database.in_transaction([&]() -> Result<> {
    for (std::int64_t kind = 0; kind < static_cast<std::int64_t>(kUsageKeys); ++kind) {
      const Result<SumsByName> sums = all_of(database, kind, step, *start);
      if (!sums) return std::unexpected(sums.error());
      if (sums->empty()) continue;
      const std::string bytes = make_sum_block(*sums);
      Result<> put = database.run(
          "INSERT OR REPLACE INTO sum_blocks (kind, step, start, bytes) VALUES (?, ?, ?, ?)", kind,
          static_cast<std::int64_t>(step), *start, Blob{bytes});
      if (put) {
        put = database.run("DELETE FROM sums WHERE kind = ? AND step = ? AND start = ?", kind,
                           static_cast<std::int64_t>(step), *start);
      }
      if (!put) return put;
    }
    return {};
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return true;
}

}  // namespace

UsageSum sum_of(const Statement& row, int column) {
  UsageSum sum;
  for (const auto number : kSumNumbers) sum.*number = row.integer(column++);
  return sum;
}

Result<> UsageWriter::add(Database& database, const Sums& sums) {
  Result<> done;
  sums.each([&](UsageKey key, UsageStep step, const UsageSum& sum) {
    if (done) done = add(database, key, step, sum);
  });
  return done;
}

Result<> UsageWriter::add(Database& database, UsageKey key, UsageStep step, const UsageSum& sum) {
  const Result<std::int64_t> name = name_id(database, sum.key);
  if (!name) return std::unexpected(name.error());
  return database.run(
      "INSERT INTO sums (kind, step, start, name, requests, failures, attempts, input, cached,"
      " output, thoughts, cost, first_bytes, first_byte_us, duration_us)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
      " requests = requests + excluded.requests, failures = failures + excluded.failures,"
      " attempts = attempts + excluded.attempts, input = input + excluded.input,"
      " cached = cached + excluded.cached, output = output + excluded.output,"
      " thoughts = thoughts + excluded.thoughts, cost = cost + excluded.cost,"
      " first_bytes = first_bytes + excluded.first_bytes,"
      " first_byte_us = first_byte_us + excluded.first_byte_us,"
      " duration_us = duration_us + excluded.duration_us",
      static_cast<std::int64_t>(key), static_cast<std::int64_t>(step), to_integer(sum.from), *name,
      sum.requests, sum.failures, sum.attempts, sum.input, sum.cached, sum.output, sum.thoughts,
      sum.cost, sum.first_bytes, sum.first_byte_us, sum.duration_us);
}

Result<std::int64_t> UsageWriter::name_id(Database& database, const std::string& text) {
  if (const auto known = names_.find(text); known != names_.end()) return known->second;
  if (Result<> added = database.run("INSERT OR IGNORE INTO names (text) VALUES (?)", text);
      !added) {
    return std::unexpected(std::move(added.error()));
  }
  Result<Statement> found = database.kept("SELECT id FROM names WHERE text = ?");
  if (!found) return std::unexpected(std::move(found.error()));
  const Result<bool> row = found->bind(text).step();
  if (!row) return std::unexpected(row.error());
  if (names_.size() >= kMostNames) names_.clear();
  return names_[text] = found->integer(0);
}

Result<bool> UsageWriter::tidy(Database& database, Time now) {
  Result<bool> more = remove_old(database, UsageStep::kMinute, now - kMinutesKept);
  if (!more || *more) return more;
  more = remove_old(database, UsageStep::kHour, now - kHoursKept);
  for (const UsageStep step : {UsageStep::kMinute, UsageStep::kHour, UsageStep::kDay}) {
    if (!more || *more) return more;
    more = make_blocks(database, step, now);
  }
  return more;
}

}  // namespace wasat::store
