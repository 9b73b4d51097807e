// LedgerWriter: what is written to the ledger's file, in short transactions.
//
// Belongs to one thread, the SqliteLedger's writer (or to a test). After an error it is to be
// made anew: it may remember what was rolled back.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/keys.h"
#include "store/ledger.h"
#include "store/ledger/block.h"
#include "store/ledger/note_batch.h"
#include "store/sqlite/database.h"
#include "store/sqlite/usage_writer.h"

namespace wasat::store {

struct LedgerBodies {
  std::string id;  // of the exchange
  std::string request;
  std::string response;
};

class LedgerWriter {
 public:
  // Opens or makes the file and brings it to the form that this program knows.
  static Result<LedgerWriter> open(const std::string& path, std::chrono::milliseconds patience,
                                   const Keys& keys, Time now);

  // Entries in the order of time, the sums of them, and the bodies of some: all or nothing.
  Result<> write(const NoteBatch& notes, std::span<const LedgerBodies> bodies);

  // One short step of what keeps the file within `limits`. True: there is more to do.
  Result<bool> tidy(const LedgerLimits& limits, Time now);

  // Whether anything can be written now.
  Result<> try_writing() { return database_.execute("PRAGMA user_version = 1"); }

  // On disk, without what is free for new entries.
  Result<std::uint64_t> used_bytes();

 private:
  LedgerWriter(Database database, const Keys& keys)
      : database_(std::move(database)), keys_(&keys) {}
  Result<> remember_end();
  Result<> write_all(const NoteBatch& notes, std::span<const LedgerBodies> bodies);
  Result<> write_bodies(const LedgerBodies& bodies, std::int64_t sequence);
  Result<> join_small_blocks();
  Result<bool> remove_blocks(std::string_view which, std::int64_t value, std::int64_t enough);
  Result<bool> shrink();

  Database database_;
  const Keys* keys_;
  std::int64_t next_sequence_ = 1;
  // The blocks at the end that are too small to stay: how many, and where they begin.
  std::size_t small_blocks_ = 0;
  std::size_t small_entries_ = 0;
  std::int64_t small_from_ = 0;
  UsageWriter usage_;
  BlockBuilder builder_;  // of write_all(): it keeps its memory
};

// What both sides know of the file. Inside a transaction of the caller.
Result<> put_block(Database& database, const Block& block);
Result<> remove_block(Database& database, std::int64_t number);
std::string body_place(std::int64_t sequence, std::string_view column);

}  // namespace wasat::store
