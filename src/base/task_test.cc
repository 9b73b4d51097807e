#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace wasat {
namespace {

// Suspends until resumed by the test.
struct Gate {
  std::coroutine_handle<> waiting;
  auto operator co_await() {
    struct Awaiter {
      Gate& gate;
      bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> handle) { gate.waiting = handle; }
      void await_resume() {}
    };
    return Awaiter{*this};
  }
  void open() { std::exchange(waiting, nullptr).resume(); }
};

Task<std::string> greet(Gate& gate, std::string name) {
  co_await gate;
  co_return "hello " + name;
}

Task<> store_greeting(Gate& gate, std::string& out) { out = co_await greet(gate, "world"); }

TEST(Task, RunsWhenAwaitedAndResumesItsAwaiter) {
  Gate gate;
  std::string out;
  TaskScope scope;
  scope.start(store_greeting(gate, out));
  EXPECT_EQ(scope.running(), 1u);
  EXPECT_EQ(out, "");
  gate.open();
  EXPECT_EQ(out, "hello world");
  EXPECT_TRUE(scope.empty());
}

Task<> never_awaited(std::shared_ptr<int> held) {
  *held = 1;
  co_return;
}

TEST(Task, ThatIsNeverAwaitedNeverRunsAndFreesWhatItHolds) {
  auto held = std::make_shared<int>(0);
  {
    Task<> task = never_awaited(held);
  }
  EXPECT_EQ(*held, 0);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskScope, TellsWhenATaskEnds) {
  Gate gate;
  std::string out;
  int ended = 0;
  TaskScope scope;
  scope.on_end([](void* count) { ++*static_cast<int*>(count); }, &ended);
  scope.start(store_greeting(gate, out));
  EXPECT_EQ(ended, 0);
  gate.open();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace wasat
