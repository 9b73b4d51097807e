#include "admin/audit_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "admin/fake_store_test.h"

namespace wasat::admin {
namespace {

class Audited : public testing::Test {
 protected:
  Audited() { EXPECT_EQ(::pipe(pipe.data()), 0); }
  ~Audited() override {
    for (const int fd : pipe) ::close(fd);
  }
  // What an entry leaves in the log of the process.
  std::string keep() {
    {
      observe::Log log(observe::Level::kInfo, observe::Log::Format::kJson, pipe[1]);
      AuditLog audit(clock, store, log, options);
      audit.keep({.session_id = "s1",
                  .address = "127.0.0.1",
                  .action = "credential.delete",
                  .target = "a-key",
                  .outcome = "ok"});
    }
    EXPECT_EQ(::write(pipe[1], "\n", 1), 1);
    std::array<char, 4096> bytes;
    const auto read = ::read(pipe[0], bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(read)};
  }
  std::size_t noted_entries() const {
    return static_cast<std::size_t>(std::ranges::count_if(store.noted, [](const auto& each) {
      return std::holds_alternative<store::PutAuditEntry>(each);
    }));
  }

  std::array<int, 2> pipe{};
  ManualClock clock;
  FakeStore store;
  Snapshot<Options> options{std::make_shared<const Options>()};
};

TEST_F(Audited, AnEntryIsCommittedAndNoNoteThatMayBeDropped) {
  EXPECT_EQ(keep(), "\n");
  EXPECT_EQ(store.count<store::PutAuditEntry>(), 1u);
  EXPECT_EQ(noted_entries(), 0u);
}

TEST_F(Audited, WhatTheStoreDoesNotTakeIsToldAndTriedAgain) {
  store.failing = true;
  const std::string told = keep();
  for (const char* part : {"credential.delete", "a-key", "127.0.0.1", "s1", "the disk is full"}) {
    EXPECT_NE(told.find(part), std::string::npos) << told;
  }
  EXPECT_EQ(store.count<store::PutAuditEntry>(), 0u);
  EXPECT_EQ(noted_entries(), 1u);
}

}  // namespace
}  // namespace wasat::admin
