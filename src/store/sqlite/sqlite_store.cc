#include "store/sqlite/sqlite_store.h"

#include <filesystem>

#include "store/sqlite/migrations.h"
#include "store/sqlite/rows.h"

namespace wasat::store {

namespace {

Result<Database> open_database(const SqliteStore::Options& options, const Keys& keys,
                               const Clock& clock) {
  Result<Database> database = Database::open(options.path, options.patience);
  if (!database) return database;
  if (Result<> whole = database->check(); !whole) return std::unexpected(std::move(whole.error()));
  const std::int64_t now = to_time(clock.wall()).time_since_epoch().count();
  if (Result<> migrated = migrate(*database, sqlite_migrations(), now); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  if (Result<> proven = prove_master_key(*database, keys); !proven) {
    return std::unexpected(std::move(proven.error()));
  }
  return database;
}

// A change that contradicts the data is its author's problem, not the store's.
bool is_failure_of_store(const Result<>& result) {
  return !result && result.error().source != ErrorSource::kClient;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Options options, const Keys& keys,
                                                       const Clock& clock) {
  Result<Database> database = open_database(options, keys, clock);
  if (!database) return std::unexpected(std::move(database.error()));
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(options), keys, clock, std::move(*database)));
}

SqliteStore::SqliteStore(Options options, const Keys& keys, const Clock& clock, Database database)
    : options_(std::move(options)),
      keys_(keys),
      clock_(clock),
      database_(std::move(database)),
      queue_(options_.limits),
      writer_([this] { run(); }) {}

SqliteStore::~SqliteStore() { stop(); }

Result<Contents> SqliteStore::load_all() {
  // A connection of its own, so that the writer need not stop.
  Result<Database> database = Database::open(options_.path, options_.patience);
  if (!database) return std::unexpected(std::move(database.error()));
  return read_contents(*database, keys_, to_time(clock_.wall()));
}

Result<std::vector<Memo>> SqliteStore::load_memos(std::uint64_t most_bytes) {
  Result<Database> database = Database::open(options_.path, options_.patience);
  if (!database) return std::unexpected(std::move(database.error()));
  return read_memos(*database, keys_, most_bytes);
}

Result<std::vector<AuditEntry>> SqliteStore::read_audit(std::int64_t before, std::size_t limit) {
  Result<Database> database = Database::open(options_.path, options_.patience);
  if (!database) return std::unexpected(std::move(database.error()));
  return read_audit_entries(*database, before, limit);
}

void SqliteStore::write(std::vector<Change> changes, Done done) {
  WriteQueue::Transaction transaction{std::move(changes), std::move(done)};
  if (queue_.push(transaction)) return;
  transaction.done(fail(internal_error(
      "the store takes no more changes now: it is stopping, or its disk is too slow. Try again",
      ErrorKind::kUnavailable)));
}

void SqliteStore::note(Change change) { queue_.push(std::move(change)); }

Status SqliteStore::status() const {
  std::string problem = trouble_.problem();
  return {.healthy = problem.empty(),
          .problem = std::move(problem),
          .dropped = queue_.dropped(),
          .waiting = queue_.waiting()};
}

void SqliteStore::stop() {
  queue_.close();
  if (writer_.joinable()) writer_.join();
}

void SqliteStore::run() {
  std::chrono::steady_clock::time_point notes_from{};
  for (;;) {
    WriteQueue::Batch batch = queue_.pop(notes_from);
    if (batch.empty()) return;
    if (batch.transaction) {
      Result<> result = commit(batch.transaction->changes, [](const Error&) { return false; });
      remember(result);
      const bool failed = is_failure_of_store(result);
      batch.transaction->done(std::move(result));
      if (failed) open_again();
      continue;
    }
    std::uint64_t skipped = 0;
    const Result<> result = commit(batch.notes, [&skipped](const Error& error) {
      // A note that contradicts the data must not take the others with it.
      const bool skip = error.source == ErrorSource::kClient;
      if (skip) ++skipped;
      return skip;
    });
    remember(result);
    if (is_failure_of_store(result)) open_again();
    notes_from = {};
    if (result) {
      queue_.count_dropped(skipped);
    } else if (const std::size_t count = batch.notes.size(); queue_.put_back(batch.notes)) {
      notes_from = std::chrono::steady_clock::now() + options_.retry;
    } else {
      queue_.count_dropped(count);
    }
  }
}

template <class Skip>
Result<> SqliteStore::commit(std::span<const Change> changes, Skip may_skip) {
  Result<> done = database_.execute("BEGIN IMMEDIATE");
  if (!done) return done;
  for (const Change& change : changes) {
    done = apply(database_, keys_, change);
    if (!done && may_skip(done.error())) done = {};
    if (!done) break;
  }
  if (done) done = database_.execute("COMMIT");
  // After a failed COMMIT the transaction may still be open; if not, this does nothing.
  if (!done) static_cast<void>(database_.execute("ROLLBACK"));
  return done;
}

void SqliteStore::remember(const Result<>& result) {
  if (!result && !is_failure_of_store(result)) return;
  trouble_.set(result ? std::string() : result.error().detail);
}

// The file may have been put back meanwhile.
void SqliteStore::open_again() {
  // A new one would know none of what is served from memory.
  if (std::error_code error; !std::filesystem::exists(options_.path, error)) {
    return remember(fail(internal_error("the database " + options_.path +
                                        " is gone. Put it back, or restore it from your backup")));
  }
  Result<Database> database = open_database(options_, keys_, clock_);
  if (database) {
    database_ = std::move(*database);
  } else {
    remember(std::unexpected(std::move(database.error())));
  }
}

}  // namespace wasat::store
