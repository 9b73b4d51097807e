#include "store/sqlite/ledger_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "store/ledger/matcher.h"
#include "store/ledger/presence.h"
#include "store/sqlite/ledger_writer.h"

namespace wasat::store {
namespace {

constexpr std::size_t kMostEntries = 1000;  // of a page
constexpr std::size_t kRemovedAtOnce = 64;  // blocks
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

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
  static Result<Candidates> open(Database& database, const LedgerFilter& filter, Matcher& matcher,
                                 std::int64_t before, std::size_t most,
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
        const std::string_view bits = *found ? presence_.blob(0) : std::string_view();
        if (!matcher_->may_match(bits) || (trait_ && !may_be_present(bits, *trait_))) continue;
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
  Candidates(Matcher& matcher, std::size_t most, std::optional<std::uint64_t> trait, Statement rows,
             Statement presence, Statement data)
      : matcher_(&matcher),
        most_(most),
        trait_(trait),
        rows_(std::move(rows)),
        presence_(std::move(presence)),
        data_(std::move(data)) {}

  Matcher* matcher_;
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

// Of one block; `removed`: the number of entries that went.
Result<> remove_from(Database& database, const LedgerFilter& filter, std::int64_t number,
                     std::int64_t& removed) {
  Matcher matcher(filter);
  std::string data;
  {
    Result<Statement> row = database.kept("SELECT bytes FROM block_data WHERE number = ?");
    if (!row) return std::unexpected(std::move(row.error()));
    const Result<bool> found = row->bind(number).step();
    if (!found) return std::unexpected(found.error());
    if (!*found) return {};  // it was joined with others, or it is gone
    data = row->blob(0);
  }
  std::optional<BlockReader> reader = BlockReader::open(number, data);
  if (!reader || !matcher.enter(*reader)) return {};
  BlockBuilder left;
  for (BlockReader::Row row; reader->next(row);) {
    if (matcher.matches(row)) {
      ++removed;
      if (Result<> gone = database.run("DELETE FROM bodies WHERE sequence = ?", row.sequence);
          !gone) {
        return gone;
      }
    } else {
      reader->complete(row);
      left.add(row.sequence, row.note);
    }
  }
  if (removed == 0) return {};
  Result<> done = remove_block(database, number);
  if (done && left.entries() > 0) done = put_block(database, left.finish());
  return done;
}

}  // namespace

Result<LedgerPage> find_entries(Database& database, const LedgerFilter& filter,
                                const std::string& next, std::size_t limit,
                                const LedgerSearchBounds& bounds) {
  const Result<std::int64_t> before = cursor_of(next);
  if (!before) return std::unexpected(before.error());
  return database.at_one_moment([&] {
    return find_now(database, filter, *before, std::clamp<std::size_t>(limit, 1, kMostEntries),
                    bounds);
  });
}

Result<std::optional<LedgerEntry>> read_entry(Database& database, const Keys& keys,
                                              const std::string& id) {
  return database.at_one_moment([&]() -> Result<std::optional<LedgerEntry>> {
    const LedgerFilter all;
    Matcher anything(all);
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

Result<std::int64_t> remove_entries(Database& database, const LedgerFilter& filter) {
  std::int64_t removed = 0;
  Matcher matcher(filter);
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
      std::int64_t gone = 0;
      Result<> done =
          database.in_transaction([&] { return remove_from(database, filter, number, gone); });
      if (!done) return std::unexpected(std::move(done.error()));
      removed += gone;
    }
    if (!more) return removed;
    before = numbers.back();
  }
}

}  // namespace wasat::store
