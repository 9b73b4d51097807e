#include "store/sqlite/ledger_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "store/ledger/matcher.h"
#include "store/ledger/presence.h"
#include "store/ledger/sums.h"
#include "store/sqlite/ledger_writer.h"

namespace wasat::store {
namespace {

constexpr std::size_t kMostEntries = 1000;  // of a page
constexpr std::size_t kRemovedAtOnce = 64;  // blocks
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

std::int64_t to_integer(Time time) { return time.time_since_epoch().count(); }

// Where a page begins: before this sequence.
Result<std::int64_t> cursor_of(const std::string& next) {
  if (next.empty()) return kEnd;
  std::int64_t before = 0;
  const auto read = std::from_chars(next.data(), next.data() + next.size(), before);
  if (read.ec == std::errc() && read.ptr == next.data() + next.size() && before > 0) return before;
  return fail(client_error(ErrorKind::kInvalidRequest,
                           "this is no cursor of the ledger. Begin without one"));
}

LedgerEntry entry_of(const LedgerNote& note) {
  return {.time = note.time,
          .id = std::string(note.id),
          .token_id = std::string(note.token_id),
          .client = std::string(note.client),
          .dialect = std::string(note.dialect),
          .method = std::string(note.method),
          .model = std::string(note.model),
          .upstream_model = std::string(note.upstream_model),
          .provider = std::string(note.provider),
          .credential_id = std::string(note.credential_id),
          .outcome = std::string(note.outcome),
          .error = std::string(note.error),
          .attempts = note.attempts,
          .status = note.status,
          .input = note.input,
          .cached = note.cached,
          .output = note.output,
          .thoughts = note.thoughts,
          .cost = note.cost,
          .first_byte_us = note.first_byte_us,
          .duration_us = note.duration_us,
          .bytes_in = note.bytes_in,
          .bytes_out = note.bytes_out};
}

// The blocks that may have entries before `before` for a filter, newest first.
class Candidates {
 public:
  static Result<Candidates> open(Database& database, const LedgerFilter& filter,
                                 const Matcher& matcher, std::int64_t before, std::size_t most,
                                 std::optional<std::uint64_t> trait = {}) {
    Result<Statement> rows = database.prepare(
        "SELECT number, entries FROM blocks WHERE number < ? AND last >= ? AND first < ?"
        " ORDER BY number DESC");
    if (!rows) return std::unexpected(std::move(rows.error()));
    rows->bind(before, filter.since ? to_integer(*filter.since) : -kEnd,
               filter.until ? to_integer(*filter.until) : kEnd);
    Result<Statement> presence = database.prepare("SELECT bits FROM presence WHERE number = ?");
    if (!presence) return std::unexpected(std::move(presence.error()));
    Result<Statement> data = database.prepare("SELECT bytes FROM block_data WHERE number = ?");
    if (!data) return std::unexpected(std::move(data.error()));
    return Candidates(matcher, most, trait, std::move(*rows), std::move(*presence),
                      std::move(*data));
  }

  // True: number() and data() are those of the next one, until the next call. False: there is
  // none, or exhausted(): so many were passed.
  Result<bool> next() {
    for (;;) {
      const Result<bool> row = rows_.step();
      if (!row || !*row) return row;
      looked_down_to_ = number_;
      number_ = rows_.integer(0);
      if (passed_++ == most_) {
        exhausted_ = true;
        return false;
      }
      if (matcher_->asks_presence() || trait_) {
        presence_.reset();
        const Result<bool> found = presence_.bind(number_).step();
        if (!found) return found;
        if (*found && !matcher_->may_match(presence_.blob(0))) continue;
        if (*found && trait_ && !may_be_present(presence_.blob(0), *trait_)) continue;
      }
      data_.reset();
      const Result<bool> found = data_.bind(number_).step();
      if (!found || *found) return found;
    }
  }
  std::int64_t number() const { return number_; }
  std::size_t entries() const { return static_cast<std::size_t>(rows_.integer(1)); }
  std::string_view data() const { return data_.blob(0); }
  bool exhausted() const { return exhausted_; }
  // A cursor behind all blocks before the one that number() tells.
  std::string cursor() const { return std::to_string(looked_down_to_); }

 private:
  Candidates(const Matcher& matcher, std::size_t most, std::optional<std::uint64_t> trait,
             Statement rows, Statement presence, Statement data)
      : matcher_(&matcher),
        most_(most),
        trait_(trait),
        rows_(std::move(rows)),
        presence_(std::move(presence)),
        data_(std::move(data)) {}

  const Matcher* matcher_;
  std::size_t most_;
  std::optional<std::uint64_t> trait_;  // that the block must have besides
  std::size_t passed_ = 0;
  bool exhausted_ = false;
  std::int64_t number_ = kEnd;
  std::int64_t looked_down_to_ = kEnd;
  Statement rows_;
  Statement presence_;
  Statement data_;
};

Result<> read_bodies(Database& database, const Keys& keys, std::int64_t sequence,
                     LedgerEntry& entry) {
  Result<Statement> row = database.kept("SELECT request, response FROM bodies WHERE sequence = ?");
  if (!row) return std::unexpected(std::move(row.error()));
  const Result<bool> found = row->bind(sequence).step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return {};
  // What another master key has sealed is left out.
  const auto open = [&](int column, std::string_view name, std::string& into) {
    const Result<Secret> opened = keys.seal.open(row->blob(column), body_place(sequence, name));
    if (opened) into = opened->reveal();
  };
  open(0, "request", entry.request_body);
  open(1, "response", entry.response_body);
  return {};
}

// Runs `read` between BEGIN and its end, so that all is of the same moment.
template <class Read>
auto at_one_moment(Database& database, Read read) -> decltype(read()) {
  if (Result<> begun = database.execute("BEGIN"); !begun) {
    return std::unexpected(std::move(begun.error()));
  }
  auto result = read();
  static_cast<void>(database.execute("ROLLBACK"));
  return result;
}

Result<LedgerPage> find_now(Database& database, const LedgerFilter& filter, std::int64_t before,
                            std::size_t limit, const LedgerSearchBounds& bounds) {
  LedgerPage page;
  Matcher matcher(filter);
  Result<Candidates> blocks =
      Candidates::open(database, filter, matcher, before, bounds.blocks_passed);
  if (!blocks) return std::unexpected(std::move(blocks.error()));
  std::int64_t last = 0;  // the sequence of the page's last entry
  for (std::size_t read = 0;;) {
    const Result<bool> block = blocks->next();
    if (!block) return std::unexpected(block.error());
    if (!*block) {
      if (blocks->exhausted()) page.next = blocks->cursor();
      return page;
    }
    if (read >= bounds.entries_read) {
      page.next = blocks->cursor();
      return page;
    }
    read += blocks->entries();
    std::optional<BlockReader> reader = BlockReader::open(blocks->number(), blocks->data());
    if (!reader || !matcher.enter(*reader)) continue;
    std::vector<BlockReader::Row> found;
    for (BlockReader::Row row; reader->next(row) && row.sequence < before;) {
      if (matcher.matches(row)) found.push_back(row);
    }
    for (auto row = found.rbegin(); row != found.rend(); ++row) {
      if (page.entries.size() == limit) {
        page.next = std::to_string(last);
        return page;
      }
      reader->complete(*row);
      page.entries.push_back(entry_of(row->note));
      last = row->sequence;
    }
  }
}

// A stretch of time that sums of one step cover.
struct Stretch {
  UsageStep step;
  Time since;
  Time until;
};

// Whole days in the middle, hours around them, minutes at the ends, as far as they are kept.
std::vector<Stretch> cover(Time since, Time until, Time now) {
  const auto down = [](Time time, UsageStep step) { return step_start(time, step); };
  const auto up = [](Time time, UsageStep step) {
    const Time start = step_start(time, step);
    return start == time ? time : start + step_length(step);
  };
  const auto kept = [now](Time time) {
    if (time < now - kHoursKept) return UsageStep::kDay;
    return time < now - kMinutesKept ? UsageStep::kHour : UsageStep::kMinute;
  };
  // To the finest step that is there; the end includes the minute that goes on.
  since = down(since, kept(since));
  until = up(until, kept(until));
  std::vector<Stretch> stretches;
  const auto stretch = [&stretches](UsageStep step, Time from, Time to) {
    if (from < to) stretches.push_back({step, from, to});
  };
  const Time first_hour = std::min(up(since, UsageStep::kHour), until);
  const Time last_hour = std::max(down(until, UsageStep::kHour), first_hour);
  const Time first_day = std::min(up(first_hour, UsageStep::kDay), last_hour);
  const Time last_day = std::max(down(last_hour, UsageStep::kDay), first_day);
  stretch(UsageStep::kMinute, since, first_hour);
  stretch(UsageStep::kHour, first_hour, first_day);
  stretch(UsageStep::kDay, first_day, last_day);
  stretch(UsageStep::kHour, last_day, last_hour);
  stretch(UsageStep::kMinute, last_hour, until);
  return stretches;
}

constexpr std::string_view kNumbersOfSums =
    " SUM(requests), SUM(failures), SUM(attempts), SUM(input), SUM(cached), SUM(output),"
    " SUM(thoughts), SUM(cost), SUM(first_bytes), SUM(first_byte_us), SUM(duration_us)";

UsageSum sum_of(const Statement& row, int column) {
  return {.requests = row.integer(column),
          .failures = row.integer(column + 1),
          .attempts = row.integer(column + 2),
          .input = row.integer(column + 3),
          .cached = row.integer(column + 4),
          .output = row.integer(column + 5),
          .thoughts = row.integer(column + 6),
          .cost = row.integer(column + 7),
          .first_bytes = row.integer(column + 8),
          .first_byte_us = row.integer(column + 9),
          .duration_us = row.integer(column + 10)};
}

// Calls `use` with the statement at each row: start, name and the numbers.
template <class Use>
Result<> each_sum(Database& database, const Stretch& stretch, UsageKey key, bool by_start,
                  Use use) {
  Result<Statement> rows = database.kept(
      std::string(by_start ? "SELECT start," : "SELECT 0,") +
      " (SELECT text FROM names WHERE id = name) AS text," + std::string(kNumbersOfSums) +
      " FROM sums WHERE kind = ? AND step = ? AND start >= ? AND start < ? GROUP BY " +
      (by_start ? "start, name ORDER BY start, text" : "name"));
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(static_cast<std::int64_t>(key), static_cast<std::int64_t>(stretch.step),
             to_integer(stretch.since), to_integer(stretch.until));
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    use(*rows);
  }
}

Result<std::vector<UsageSum>> usage_as_a_whole(Database& database, Time since, Time until,
                                               UsageKey key, Time now) {
  std::map<std::string, UsageSum, std::less<>> by_key;
  for (const Stretch& stretch : cover(since, until, now)) {
    Result<> done = each_sum(database, stretch, key, false, [&](const Statement& row) {
      auto found = by_key.find(row.text(1));
      if (found == by_key.end()) found = by_key.emplace(row.text(1), UsageSum()).first;
      add_up(found->second, sum_of(row, 2));
    });
    if (!done) return std::unexpected(std::move(done.error()));
  }
  std::vector<UsageSum> sums;
  for (auto& [text, sum] : by_key) {
    sum.from = since;
    sum.key = text;
    sums.push_back(std::move(sum));
  }
  return sums;
}

Result<std::vector<UsageSum>> usage_by_step(Database& database, const Stretch& stretch,
                                            UsageKey key) {
  std::vector<UsageSum> sums;
  Result<> done = each_sum(database, stretch, key, true, [&](const Statement& row) {
    sums.push_back(sum_of(row, 2));
    sums.back().from = Time(std::chrono::milliseconds(row.integer(0)));
    sums.back().key = row.text(1);
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return sums;
}

// Of one block, in a transaction of its own: the number of entries that went.
Result<std::int64_t> remove_from(Database& database, const LedgerFilter& filter,
                                 std::int64_t number) {
  Matcher matcher(filter);
  std::string data;
  {
    Result<Statement> row = database.kept("SELECT bytes FROM block_data WHERE number = ?");
    if (!row) return std::unexpected(std::move(row.error()));
    const Result<bool> found = row->bind(number).step();
    if (!found) return std::unexpected(found.error());
    if (!*found) return 0;  // it was joined with others, or it is gone
    data = row->blob(0);
  }
  std::optional<BlockReader> reader = BlockReader::open(number, data);
  if (!reader || !matcher.enter(*reader)) return 0;
  BlockBuilder left;
  std::int64_t removed = 0;
  for (BlockReader::Row row; reader->next(row);) {
    if (matcher.matches(row)) {
      ++removed;
      if (Result<> gone = database.run("DELETE FROM bodies WHERE sequence = ?", row.sequence);
          !gone) {
        return std::unexpected(std::move(gone.error()));
      }
    } else {
      reader->complete(row);
      left.add(row.sequence, row.note);
    }
  }
  if (removed == 0) return 0;
  Result<> done = remove_block(database, number);
  if (done && left.entries() > 0) done = put_block(database, left.finish());
  if (!done) return std::unexpected(std::move(done.error()));
  return removed;
}

}  // namespace

Result<LedgerPage> find_entries(Database& database, const LedgerFilter& filter,
                                const std::string& next, std::size_t limit,
                                const LedgerSearchBounds& bounds) {
  const Result<std::int64_t> before = cursor_of(next);
  if (!before) return std::unexpected(before.error());
  return at_one_moment(database, [&] {
    return find_now(database, filter, *before, std::clamp<std::size_t>(limit, 1, kMostEntries),
                    bounds);
  });
}

Result<std::optional<LedgerEntry>> read_entry(Database& database, const Keys& keys,
                                              const std::string& id) {
  return at_one_moment(database, [&]() -> Result<std::optional<LedgerEntry>> {
    const LedgerFilter all;
    const Matcher anything(all);
    Result<Candidates> blocks =
        Candidates::open(database, all, anything, kEnd, std::numeric_limits<std::size_t>::max(),
                         trait_hash(Trait::kId, id));
    if (!blocks) return std::unexpected(std::move(blocks.error()));
    for (;;) {
      const Result<bool> block = blocks->next();
      if (!block) return std::unexpected(block.error());
      if (!*block) return std::nullopt;
      std::optional<BlockReader> reader = BlockReader::open(blocks->number(), blocks->data());
      if (!reader) continue;
      for (BlockReader::Row row; reader->next(row);) {
        if (row.id != id) continue;
        reader->complete(row);
        LedgerEntry entry = entry_of(row.note);
        if (Result<> read = read_bodies(database, keys, row.sequence, entry); !read) {
          return std::unexpected(std::move(read.error()));
        }
        return entry;
      }
    }
  });
}

Result<std::vector<UsageSum>> read_usage(Database& database, Time since, Time until, UsageStep step,
                                         UsageKey key, Time now) {
  return at_one_moment(database, [&] {
    return step == UsageStep::kWhole
               ? usage_as_a_whole(database, since, until, key, now)
               : usage_by_step(database, {step, step_start(since, step), until}, key);
  });
}

Result<std::int64_t> remove_entries(Database& database, const LedgerFilter& filter) {
  std::int64_t removed = 0;
  const Matcher matcher(filter);
  std::int64_t before = kEnd;
  // The candidates of a batch are gathered first: reading must not hold what writing changes.
  for (;;) {
    std::vector<std::int64_t> numbers;
    bool more = false;
    {
      Result<Candidates> blocks = Candidates::open(database, filter, matcher, before,
                                                   std::numeric_limits<std::size_t>::max());
      if (!blocks) return std::unexpected(std::move(blocks.error()));
      while (!more) {
        const Result<bool> block = blocks->next();
        if (!block) return std::unexpected(block.error());
        if (!*block) break;
        numbers.push_back(blocks->number());
        more = numbers.size() == kRemovedAtOnce;
      }
    }
    for (const std::int64_t number : numbers) {
      if (Result<> begun = database.execute("BEGIN IMMEDIATE"); !begun) {
        return std::unexpected(std::move(begun.error()));
      }
      const Result<std::int64_t> gone = remove_from(database, filter, number);
      const Result<> ended = database.execute(gone ? "COMMIT" : "ROLLBACK");
      if (!gone) return gone;
      if (!ended) {
        static_cast<void>(database.execute("ROLLBACK"));
        return std::unexpected(ended.error());
      }
      removed += *gone;
    }
    if (!more) return removed;
    before = numbers.back();
  }
}

}  // namespace wasat::store
