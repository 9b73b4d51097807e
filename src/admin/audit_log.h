// AuditLog: what administrators did, kept in the store.
//
// An entry is committed before its request is answered. When the store does not take it, the
// action is done all the same (what administrators do may be what mends the store): the entry
// stands in the log of the process then, and waits among the store's notes for better times.
// So none is lost without a word. Belongs to Administration; on the admin thread, which may wait.

#pragma once

#include "admin/options.h"
#include "base/clock.h"
#include "base/snapshot.h"
#include "observe/log.h"
#include "store/store.h"

namespace wasat::admin {

class AuditLog {
 public:
  // All outlive the audit log.
  AuditLog(const Clock& clock, store::Store& store, observe::Log& log,
           const Snapshot<Options>& options)
      : clock_(clock), store_(store), log_(log), options_(options) {}

  // Sets the entry's time. Blocks until it is on disk, or cannot be.
  void keep(store::AuditEntry entry);

 private:
  void purge();

  const Clock& clock_;
  store::Store& store_;
  observe::Log& log_;
  const Snapshot<Options>& options_;
  store::Time purged_;  // when old entries were last removed
};

}  // namespace wasat::admin
