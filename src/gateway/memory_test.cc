#include "gateway/memory.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

using gemini::Memo;

// Keeps what it is told, as a store does.
class FakeStore final : public store::Store {
 public:
  Result<store::Contents> load_all() override { return store::Contents{}; }
  Result<std::vector<store::Memo>> load_memos(std::uint64_t) override { return memos; }
  Result<std::vector<store::AuditEntry>> read_audit(std::int64_t, std::size_t) override {
    return std::vector<store::AuditEntry>{};
  }
  void write(std::vector<store::Change>, store::Done) override {}
  void note(store::Change change) override {
    if (auto* put = std::get_if<store::PutMemo>(&change)) {
      memos.insert(memos.begin(), std::move(put->memo));
    } else {
      ++purges;
    }
  }
  store::Status status() const override { return {}; }
  void stop() override {}

  std::vector<store::Memo> memos;  // newest first
  int purges = 0;
};

Memo signature(std::string key, std::string value) {
  return {.kind = Memo::Kind::kSignature, .key = std::move(key), .value = std::move(value)};
}

TEST(Memory, RemembersByTokenKindAndKey) {
  const ManualClock clock;
  Memory memory(clock, {}, nullptr);
  memory.put("t1", {signature("call_1", "sig"), {Memo::Kind::kResponse, "call_1", "{}"}});
  EXPECT_EQ(memory.find("t1", Memo::Kind::kSignature, "call_1"), "sig");
  EXPECT_EQ(memory.find("t1", Memo::Kind::kResponse, "call_1"), "{}");
  EXPECT_EQ(memory.find("t2", Memo::Kind::kSignature, "call_1"), std::nullopt);
  EXPECT_EQ(memory.find("t1", Memo::Kind::kSignature, "call_2"), std::nullopt);
  memory.put("t1", {signature("call_1", "newer")});
  EXPECT_EQ(memory.find("t1", Memo::Kind::kSignature, "call_1"), "newer");
  EXPECT_EQ(memory.size(), 2u);
}

TEST(Memory, ForgetsWithAge) {
  ManualClock clock;
  Memory memory(clock, {.age = std::chrono::hours(1)}, nullptr);
  memory.put("t", {signature("a", "1")});
  clock.advance(std::chrono::minutes(59));
  EXPECT_TRUE(memory.find("t", Memo::Kind::kSignature, "a"));
  clock.advance(std::chrono::minutes(2));
  EXPECT_FALSE(memory.find("t", Memo::Kind::kSignature, "a"));
  EXPECT_EQ(memory.bytes(), 0u);
}

TEST(Memory, IsBoundedAndForgetsWhatWasNotUsed) {
  const ManualClock clock;
  constexpr std::size_t kBound = 1u << 20;
  Memory memory(clock, {.bytes = kBound}, nullptr);
  memory.put("t", {signature("kept", "x")});
  for (int i = 0; i < 4000; ++i) {
    memory.put("t", {signature("call_" + std::to_string(i), std::string(1000, 's'))});
    ASSERT_TRUE(memory.find("t", Memo::Kind::kSignature, "kept"));
    ASSERT_LE(memory.bytes(), kBound);
  }
  EXPECT_FALSE(memory.find("t", Memo::Kind::kSignature, "call_0"));
  EXPECT_TRUE(memory.find("t", Memo::Kind::kSignature, "call_3999"));
}

TEST(Memory, TooLargeAMemoIsNotKept) {
  const ManualClock clock;
  Memory memory(clock, {.entry_bytes = 100}, nullptr);
  memory.put("t", {signature("a", std::string(101, 'x'))});
  EXPECT_EQ(memory.size(), 0u);
}

TEST(Memory, NothingIsRememberedWhenItIsOff) {
  const ManualClock clock;
  FakeStore store;
  Memory memory(clock, {.bytes = 0}, &store);
  memory.put("t", {signature("a", "x")});
  EXPECT_EQ(memory.size(), 0u);
  EXPECT_TRUE(store.memos.empty());
}

TEST(Memory, NewLimitsHoldForWhatThereIs) {
  ManualClock clock;
  FakeStore store;
  Memory memory(clock, {}, &store);
  for (int i = 0; i < 100; ++i) {
    memory.put("t", {signature(std::to_string(i), std::string(1000, 'x'))});
  }
  memory.set_limits({});  // as they are
  EXPECT_EQ(memory.size(), 100u);
  EXPECT_EQ(store.purges, 0);
  memory.set_limits({.bytes = 50'000});
  EXPECT_GT(memory.size(), 0u);
  EXPECT_LE(memory.bytes(), 50'000u);
  EXPECT_EQ(store.purges, 1);
  memory.set_limits({.bytes = 0});
  EXPECT_EQ(memory.size(), 0u);
  memory.put("t", {signature("a", "x")});
  EXPECT_EQ(memory.size(), 0u);
  memory.set_limits({.age = std::chrono::hours(1)});
  memory.put("t", {signature("a", "x")});
  EXPECT_TRUE(memory.find("t", Memo::Kind::kSignature, "a"));
  clock.advance(std::chrono::minutes(61));
  EXPECT_FALSE(memory.find("t", Memo::Kind::kSignature, "a"));
}

TEST(Memory, SurvivesARestart) {
  ManualClock clock;
  FakeStore store;
  {
    Memory memory(clock, {}, &store);
    memory.put("t", {signature("old", "1")});
    clock.advance(std::chrono::hours(100));
    memory.put("t", {signature("a", "first")});
    memory.put("t", {signature("a", "second")});
  }
  clock.advance(std::chrono::hours(100));
  Memory memory(clock, {}, &store);
  ASSERT_TRUE(memory.load());
  EXPECT_EQ(memory.find("t", Memo::Kind::kSignature, "a"), "second");
  EXPECT_FALSE(memory.find("t", Memo::Kind::kSignature, "old"));
}

TEST(Memory, TheStoreIsPurgedNowAndThen) {
  const ManualClock clock;
  FakeStore store;
  Memory memory(clock, {.bytes = 80'000}, &store);
  for (int i = 0; i < 35; ++i) {
    memory.put("t", {signature(std::to_string(i), std::string(1000, 'x'))});
  }
  EXPECT_EQ(store.purges, 3);
}

}  // namespace
}  // namespace wasat::gateway
