// A store in memory, for the tests of this room: keeps what was written, and fails when told.

#pragma once

#include <mutex>

#include "store/store.h"

namespace wasat::admin {

class FakeStore final : public store::Store {
 public:
  Result<store::Contents> load_all() override { return store::Contents{}; }
  Result<std::vector<store::Memo>> load_memos(std::uint64_t) override {
    return std::vector<store::Memo>{};
  }
  Result<std::vector<store::AuditEntry>> read_audit(std::int64_t, std::size_t) override {
    return std::vector<store::AuditEntry>{};
  }
  void write(std::vector<store::Change> changes, store::Done done) override {
    if (failing) {
      return done(fail(internal_error("the disk is full", ErrorKind::kUnavailable)));
    }
    for (store::Change& change : changes) written.push_back(std::move(change));
    done({});
  }
  void note(store::Change change) override { noted.push_back(std::move(change)); }
  store::Status status() const override { return {}; }
  void stop() override {}

  template <class Change>
  std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        written, [](const store::Change& each) { return std::holds_alternative<Change>(each); }));
  }

  std::vector<store::Change> written;
  std::vector<store::Change> noted;
  bool failing = false;
};

}  // namespace wasat::admin
