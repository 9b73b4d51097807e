// SqliteStore: the store in one SQLite file.
//
// Owned by composition; opened at start, stopped after the workers have drained.
// Its writer thread owns the connection that writes.

#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "base/clock.h"
#include "store/keys.h"
#include "store/sqlite/database.h"
#include "store/store.h"
#include "store/write_queue.h"

namespace wasat::store {

class SqliteStore final : public Store {
 public:
  struct Options {
    std::string path;
    std::chrono::milliseconds patience{5000};  // for another process's lock
    std::chrono::milliseconds retry{1000};     // of notes that could not be written
    WriteQueue::Limits limits;
  };

  // Opens or makes the database, migrates it and checks the master key. Every
  // error says what to do. `keys` and `clock` outlive the store.
  static Result<std::unique_ptr<SqliteStore>> open(Options options, const Keys& keys,
                                                   const Clock& clock);
  ~SqliteStore() override;

  Result<Contents> load_all() override;
  Result<std::vector<Memo>> load_memos(std::uint64_t most_bytes) override;
  Result<std::vector<AuditEntry>> read_audit(std::int64_t before, std::size_t limit) override;
  void write(std::vector<Change> changes, Done done) override;
  void note(Change change) override;
  Status status() const override;
  void watch(Trouble::Watcher watcher) override { trouble_.watch(std::move(watcher)); }
  void stop() override;

 private:
  SqliteStore(Options options, const Keys& keys, const Clock& clock, Database database);
  void run();
  // One transaction. `may_skip(error)`: go on without the change that failed.
  template <class Skip>
  Result<> commit(std::span<const Change> changes, Skip may_skip);
  void remember(const Result<>& result);
  void open_again();

  const Options options_;
  const Keys& keys_;
  const Clock& clock_;
  Database database_;  // the writer's
  WriteQueue queue_;
  Trouble trouble_;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace wasat::store
