#include "admin/audit_log.h"

namespace wasat::admin {

void AuditLog::keep(store::AuditEntry entry) {
  purge();
  entry.time = store::to_time(clock_.wall());
  std::vector<store::Change> changes;
  changes.emplace_back(store::PutAuditEntry{entry});
  const Result<> kept = store_.write_and_wait(std::move(changes));
  if (kept) return;
  log_.error("an entry of the audit log could not be stored", {{"why", kept.error().detail},
                                                               {"action", entry.action},
                                                               {"target", entry.target},
                                                               {"outcome", entry.outcome},
                                                               {"session", entry.session_id},
                                                               {"address", entry.address}});
  store_.note(store::PutAuditEntry{std::move(entry)});
}

void AuditLog::purge() {
  const store::Time now = store::to_time(clock_.wall());
  if (now - purged_ < std::chrono::hours(1)) return;
  purged_ = now;
  const auto age = std::chrono::floor<std::chrono::milliseconds>(options_.get()->audit_age);
  store_.note(store::RemoveAuditEntries{now - age});
}

}  // namespace wasat::admin
