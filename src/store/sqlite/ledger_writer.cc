#include "store/sqlite/ledger_writer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "store/ledger/sums.h"
#include "store/sqlite/migrations.h"

namespace wasat::store {
namespace {

// Blocks below this are joined, once there are so many of them or so many entries in them. It
// costs as much as writing them did: those of busy times are large enough to stay.
constexpr std::int64_t kSmallBlock = 128;
constexpr std::size_t kMostSmallBlocks = 64;
// At a time, so that nobody waits for long. (32 blocks, in the statements of tidy(), are 2 MiB.)
constexpr std::int64_t kVacuumedPages = 256;
// What is free is used again by new entries; only a file that has become much too large shrinks.
constexpr std::int64_t kFreePages = 4096;

// What is known about notes of one transaction that have their texts in common.
struct Combination {
  std::size_t block = std::numeric_limits<std::size_t>::max();  // in which it was placed
  BlockBuilder::Placed placed;
  Time from;                        // a minute, of the sums
  Time until;                       // its end
  std::array<UsageSum*, 2> sums{};  // without an attempt, with one
  bool failed = false;

  UsageSum& sum(Sums& all, const NoteOwn& note, const LedgerNote& texts) {
    if (note.time < from || note.time >= until) {
      from = step_start(note.time, UsageStep::kMinute);
      until = from + step_length(UsageStep::kMinute);
      sums = {};
      failed = is_failure(texts.outcome);
    }
    UsageSum*& sum = sums[note.attempts > 0 ? 1 : 0];
    if (sum == nullptr) sum = &all.at(from, texts, note.attempts > 0);
    return *sum;
  }
};

}  // namespace

std::string body_place(std::int64_t sequence, std::string_view column) {
  return seal_place("bodies", std::to_string(sequence), column);
}

Result<> put_block(Database& database, const Block& block) {
  Result<> done = database.run(
      "INSERT OR REPLACE INTO blocks (number, upto, first, last, entries) VALUES (?, ?, ?, ?, ?)",
      block.number, block.upto, to_integer(block.first), to_integer(block.last), block.entries);
  if (done) {
    done = database.run("INSERT OR REPLACE INTO presence (number, bits) VALUES (?, ?)",
                        block.number, Blob{block.presence});
  }
  if (done) {
    done = database.run("INSERT OR REPLACE INTO block_data (number, bytes) VALUES (?, ?)",
                        block.number, Blob{block.data});
  }
  return done;
}

Result<> remove_block(Database& database, std::int64_t number) {
  Result<> done = database.run("DELETE FROM blocks WHERE number = ?", number);
  if (done) done = database.run("DELETE FROM presence WHERE number = ?", number);
  if (done) done = database.run("DELETE FROM block_data WHERE number = ?", number);
  return done;
}

Result<LedgerWriter> LedgerWriter::open(const std::string& path, std::chrono::milliseconds patience,
                                        const Keys& keys, Time now) {
  Result<Database> database = Database::open(path, patience, Database::Use::kLedger);
  if (!database) return std::unexpected(std::move(database.error()));
  if (Result<> migrated = migrate(*database, ledger_migrations(), to_integer(now)); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  LedgerWriter writer(std::move(*database), keys);
  if (Result<> known = writer.remember_end(); !known) {
    return std::unexpected(std::move(known.error()));
  }
  return writer;
}

Result<> LedgerWriter::remember_end() {
  const Result<std::int64_t> end = database_.number("SELECT COALESCE(MAX(upto), 0) FROM blocks");
  if (!end) return std::unexpected(end.error());
  next_sequence_ = *end + 1;
  small_from_ = next_sequence_;
  Result<Statement> rows =
      database_.kept("SELECT number, entries FROM blocks ORDER BY number DESC LIMIT 4096");
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row || rows->integer(1) >= kSmallBlock) return {};
    small_from_ = rows->integer(0);
    ++small_blocks_;
    small_entries_ += static_cast<std::size_t>(rows->integer(1));
  }
}

Result<> LedgerWriter::write(const NoteBatch& notes, std::span<const LedgerBodies> bodies) {
  return database_.in_transaction([&] { return write_all(notes, bodies); });
}

Result<> LedgerWriter::write_all(const NoteBatch& notes, std::span<const LedgerBodies> bodies) {
  Sums sums;
  BlockBuilder& builder = builder_;
  builder.clear();
  std::size_t blocks = 0;
  const auto put = [&] {
    const Block& block = builder.finish();
    ++blocks;
    if (block.entries < kSmallBlock) {
      ++small_blocks_;
      small_entries_ += static_cast<std::size_t>(block.entries);
    } else if (small_blocks_ == 0) {
      small_from_ = block.upto + 1;
    }
    return put_block(database_, block);
  };
  std::unordered_map<std::string_view, const LedgerBodies*> with_bodies;
  for (const LedgerBodies& each : bodies) with_bodies.emplace(each.id, &each);
  std::vector<Combination> combinations(notes.texts().size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const std::int64_t sequence = next_sequence_++;
    const NoteOwn note = notes.own(i);
    const LedgerNote& texts = notes.texts()[notes.texts_of(i)];
    Combination& combination = combinations[notes.texts_of(i)];
    UsageSum& sum = combination.sum(sums, note, texts);
    add_entry(sum, note, combination.failed);
    if (combination.block != blocks) {
      combination.block = blocks;
      combination.placed = builder.place(texts);
    }
    builder.add(sequence, note, combination.placed);
    if (!with_bodies.empty()) {
      if (const auto found = with_bodies.find(note.id); found != with_bodies.end()) {
        if (Result<> kept = write_bodies(*found->second, sequence); !kept) return kept;
      }
    }
    if (builder.full()) {
      if (Result<> done = put(); !done) return done;
    }
  }
  if (builder.entries() > 0) {
    if (Result<> done = put(); !done) return done;
  }
  if (Result<> added = usage_.add(database_, sums); !added) return added;
  if (small_blocks_ < kMostSmallBlocks && small_entries_ < kMostBlockEntries) return {};
  return join_small_blocks();
}

Result<> LedgerWriter::write_bodies(const LedgerBodies& bodies, std::int64_t sequence) {
  const auto sealed = [&](const std::string& text, std::string_view column) {
    return keys_->seal.seal(text, body_place(sequence, column));
  };
  const std::string request = sealed(bodies.request, "request");
  const std::string response = sealed(bodies.response, "response");
  return database_.run(
      "INSERT OR REPLACE INTO bodies (sequence, request, response)"
      " VALUES (?, ?, ?)",
      sequence, Blob{request}, Blob{response});
}

// Many small blocks, of times with few requests, become large ones.
Result<> LedgerWriter::join_small_blocks() {
  std::vector<std::pair<std::int64_t, std::string>> small;
  {
    Result<Statement> rows =
        database_.kept("SELECT number, bytes FROM block_data WHERE number >= ? ORDER BY number");
    if (!rows) return std::unexpected(std::move(rows.error()));
    rows->bind(small_from_);
    for (;;) {
      const Result<bool> row = rows->step();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      small.emplace_back(rows->integer(0), rows->blob(1));
    }
  }
  std::vector<Block> joined;
  BlockBuilder builder;
  for (const auto& [number, bytes] : small) {
    if (Result<> removed = remove_block(database_, number); !removed) return removed;
    std::optional<BlockReader> reader = BlockReader::open(number, bytes);
    if (!reader) continue;  // damaged
    for (BlockReader::Row row; reader->next(row);) {
      reader->complete(row);
      builder.add(row.sequence, row.note);
      if (builder.full()) joined.push_back(builder.finish());
    }
  }
  if (builder.entries() > 0) joined.push_back(builder.finish());
  small_blocks_ = 0;
  small_entries_ = 0;
  small_from_ = next_sequence_;
  for (const Block& block : joined) {
    if (block.entries < kSmallBlock) {  // the last one at most
      small_blocks_ = 1;
      small_entries_ = static_cast<std::size_t>(block.entries);
      small_from_ = block.number;
    }
    if (Result<> put = put_block(database_, block); !put) return put;
  }
  return {};
}

Result<std::uint64_t> LedgerWriter::used_bytes() {
  const Result<std::int64_t> bytes = database_.number(
      "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
      " pragma_freelist_count, pragma_page_size");
  if (!bytes) return std::unexpected(bytes.error());
  return static_cast<std::uint64_t>(*bytes);
}

Result<bool> LedgerWriter::tidy(const LedgerLimits& limits, Time now) {
  const Time oldest = now - std::chrono::duration_cast<std::chrono::milliseconds>(limits.most_age);
  Result<bool> more =
      remove_blocks("SELECT number, 0 FROM blocks WHERE last < ? ORDER BY number LIMIT 32",
                    to_integer(oldest), std::numeric_limits<std::int64_t>::max());
  if (!more || *more) return more;
  const Result<std::uint64_t> used = used_bytes();
  if (!used) return std::unexpected(used.error());
  if (*used > limits.most_bytes) {
    more = remove_blocks(
        "SELECT number, LENGTH(bytes) + COALESCE((SELECT SUM(LENGTH(request) + LENGTH(response))"
        " FROM bodies WHERE sequence BETWEEN number AND upto), 0) FROM blocks JOIN block_data"
        " USING (number) WHERE number > ? ORDER BY number LIMIT 32",
        0, static_cast<std::int64_t>(*used - limits.most_bytes));
    if (!more || *more) return more;
  }
  more = usage_.tidy(database_, now);
  if (!more || *more) return more;
  return shrink();
}

// Those that `which` gives (number, bytes) with `value` for its parameter, until they hold
// `enough` bytes. True: there were some.
Result<bool> LedgerWriter::remove_blocks(std::string_view which, std::int64_t value,
                                         std::int64_t enough) {
  std::vector<std::int64_t> numbers;
  {
    Result<Statement> rows = database_.kept(which);
    if (!rows) return std::unexpected(std::move(rows.error()));
    rows->bind(value);
    for (std::int64_t bytes = 0; bytes < enough; bytes += rows->integer(1)) {
      const Result<bool> row = rows->step();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      numbers.push_back(rows->integer(0));
    }
  }
  if (numbers.empty()) return false;
  Result<> done = database_.in_transaction([&] {
    Result<> removed;
    for (const std::int64_t number : numbers) {
      if (removed) {
        removed = database_.run(
            "DELETE FROM bodies WHERE sequence BETWEEN ?1 AND"
            " (SELECT upto FROM blocks WHERE number = ?1)",
            number);
      }
      if (removed) removed = remove_block(database_, number);
    }
    return removed;
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return true;
}

Result<bool> LedgerWriter::shrink() {
  const Result<std::int64_t> free = database_.number("PRAGMA freelist_count");
  if (!free) return std::unexpected(free.error());
  const Result<std::int64_t> pages = database_.number("PRAGMA page_count");
  if (!pages) return std::unexpected(pages.error());
  if (*free <= std::max(kFreePages, *pages / 8)) return false;
  Result<> done =
      database_.execute("PRAGMA incremental_vacuum(" + std::to_string(kVacuumedPages) + ")");
  if (!done) return std::unexpected(std::move(done.error()));
  return true;
}

}  // namespace wasat::store
