// Store: the durable state, behind an interface that every database can serve.
//
// Owned by composition, used from any thread. Nobody waits for it on a worker:
// what is needed to serve requests is read once at start (load_all) and lives in
// memory; changes go to one writer thread. If the store goes away while running,
// requests go on from memory and status() says so.
//
// Two lanes lead to the writer. write() is for administrative changes: all or
// nothing, acknowledged after commit, ahead of everything else. note() is for
// what the data plane learns (cooldowns, credential states): it never waits, and what does
// not fit is counted and dropped. Notes that cannot be written now are tried again. (What
// exchanges were done and what they cost has a file of its own: store/ledger.h.)

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/records.h"
#include "store/trouble.h"

namespace wasat::store {

struct Status {
  bool healthy = true;
  std::string problem;        // with its remedy, of the last write that failed
  std::uint64_t dropped = 0;  // notes that were never written
  std::size_t waiting = 0;    // changes in both lanes
};

// Called exactly once, on the writer's thread: post to where you live.
using Done = std::move_only_function<void(Result<>)>;

class Store {
 public:
  virtual ~Store() = default;

  // Everything that is needed to serve. Blocks: at start, or off the workers.
  virtual Result<Contents> load_all() = 0;
  // The newest memos, newest first, until they hold `most_bytes`. Blocks.
  virtual Result<std::vector<Memo>> load_memos(std::uint64_t most_bytes) = 0;

  // At most `limit` entries of the audit log, newest first, with numbers below `before`
  // (0: from the newest). Blocks.
  virtual Result<std::vector<AuditEntry>> read_audit(std::int64_t before, std::size_t limit) = 0;

  // All of `changes` or none, in this order, in one transaction.
  virtual void write(std::vector<Change> changes, Done done) = 0;
  virtual void note(Change change) = 0;

  virtual Status status() const = 0;
  // Who is told when writing begins to fail or works again; on the writer's thread.
  virtual void watch(Trouble::Watcher) {}
  // Writes what waits and closes. Later writes are refused, later notes dropped.
  virtual void stop() = 0;

  // write(), and waits for its end: at start, or off the workers.
  Result<> write_and_wait(std::vector<Change> changes);
};

}  // namespace wasat::store
