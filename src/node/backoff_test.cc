#include "node/backoff.h"

#include <gtest/gtest.h>

namespace wasat::node {
namespace {

using std::chrono::milliseconds;

TEST(NodeBackoff, TheWaitDoublesUpToItsBoundAndIsDrawnFromTheUpperHalf) {
  Backoff backoff(milliseconds(500), milliseconds(4000), Random(7));
  for (const int bound : {500, 1000, 2000, 4000, 4000, 4000}) {
    const milliseconds wait = backoff.next();
    EXPECT_GE(wait.count(), bound / 2);
    EXPECT_LE(wait.count(), bound);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(500));
}

TEST(NodeBackoff, NodesOfOneRelayDoNotComeBackInStep) {
  Backoff one(milliseconds(4000), milliseconds(4000), Random(1));
  Backoff other(milliseconds(4000), milliseconds(4000), Random(2));
  EXPECT_NE(one.next(), other.next());
}

}  // namespace
}  // namespace wasat::node
