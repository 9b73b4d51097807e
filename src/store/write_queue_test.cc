#include "store/write_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace wasat::store {
namespace {

Change note(std::string id) { return RemoveToken{std::move(id)}; }

WriteQueue::Transaction transaction() {
  return {.changes = {note("t")}, .done = [](Result<>) {}};
}

TEST(WriteQueue, TransactionsOvertakeNotes) {
  WriteQueue queue({});
  queue.push(note("a"));
  queue.push(note("b"));
  auto first = transaction();
  ASSERT_TRUE(queue.push(first));
  EXPECT_EQ(queue.waiting(), 3u);
  EXPECT_TRUE(queue.pop().transaction.has_value());
  EXPECT_EQ(queue.pop().notes.size(), 2u);
  // Whoever has them may not have written them yet, and may bring them back.
  EXPECT_EQ(queue.waiting(), 2u);
  queue.push(note("c"));
  EXPECT_EQ(queue.pop().notes.size(), 1u);
  EXPECT_EQ(queue.waiting(), 1u);
  queue.close();
  EXPECT_TRUE(queue.pop().empty());
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(WriteQueue, CountsTheNotesThatDoNotFit) {
  WriteQueue queue({.notes = 3, .notes_at_once = 2});
  for (int i = 0; i < 5; ++i) queue.push(note(std::to_string(i)));
  EXPECT_EQ(queue.dropped(), 2u);
  const WriteQueue::Batch batch = queue.pop();
  ASSERT_EQ(batch.notes.size(), 2u);
  EXPECT_EQ(std::get<RemoveToken>(batch.notes[0]).id, "0");  // the oldest first
  EXPECT_EQ(queue.pop().notes.size(), 1u);
}

TEST(WriteQueue, RefusesTransactionsBeyondItsBound) {
  WriteQueue queue({.transactions = 1});
  auto first = transaction(), second = transaction();
  EXPECT_TRUE(queue.push(first));
  EXPECT_FALSE(queue.push(second));
  EXPECT_TRUE(second.done != nullptr);  // still the caller's, who answers
}

TEST(WriteQueue, GivesOutWhatWaitsAfterClosingAndThenNothing) {
  WriteQueue queue({});
  queue.push(note("a"));
  queue.close();
  queue.push(note("late"));
  auto late = transaction();
  EXPECT_FALSE(queue.push(late));
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(queue.pop().notes.size(), 1u);
  EXPECT_TRUE(queue.pop().empty());
}

TEST(WriteQueue, WakesAWaitingWriter) {
  WriteQueue queue({});
  std::size_t seen = 0;
  std::thread writer([&] {
    for (auto batch = queue.pop(); !batch.empty(); batch = queue.pop()) seen += batch.notes.size();
  });
  for (int i = 0; i < 100; ++i) queue.push(note("n"));
  queue.close();
  writer.join();
  EXPECT_EQ(seen, 100u);
}

}  // namespace
}  // namespace wasat::store
