#include "store/sqlite/sqlite_store.h"

#include "store/sqlite/migrations.h"
#include "store/sqlite/rows.h"

namespace wasat::store {

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Options options, const Keys& keys,
                                                       const Clock& clock) {
  Result<Database> database = Database::open(options.path, options.patience);
  if (!database) return std::unexpected(std::move(database.error()));
  const std::int64_t now = to_time(clock.wall()).time_since_epoch().count();
  if (Result<> migrated = migrate(*database, sqlite_migrations(), now); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  if (Result<> proven = prove_master_key(*database, keys); !proven) {
    return std::unexpected(std::move(proven.error()));
  }
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
  const std::lock_guard lock(problem_mutex_);
  return {.healthy = problem_.empty(),
          .problem = problem_,
          .dropped = queue_.dropped(),
          .waiting = queue_.waiting()};
}

void SqliteStore::stop() {
  queue_.close();
  if (writer_.joinable()) writer_.join();
}

void SqliteStore::run() {
  for (WriteQueue::Batch batch = queue_.pop(); !batch.empty(); batch = queue_.pop()) {
    if (batch.transaction) {
      Result<> result = commit(batch.transaction->changes, [](const Error&) { return false; });
      remember(result);
      batch.transaction->done(std::move(result));
    } else {
      const Result<> result = commit(batch.notes, [&](const Error& error) {
        // A note that contradicts the data must not take the others with it.
        if (error.source == ErrorSource::kClient) queue_.count_dropped(1);
        return error.source == ErrorSource::kClient;
      });
      if (!result) queue_.count_dropped(batch.notes.size());
      remember(result);
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
  // A change that contradicts the data is its author's problem, not the store's.
  if (!result && result.error().source == ErrorSource::kClient) return;
  const std::lock_guard lock(problem_mutex_);
  problem_ = result ? std::string() : result.error().detail;
}

}  // namespace wasat::store
