#include "base/snapshot.h"

#include <gtest/gtest.h>

#include <thread>

namespace wasat {
namespace {

TEST(Snapshot, ReaderSeesWhatWasPublished) {
  Snapshot<int> snapshot(std::make_shared<const int>(1));
  Snapshot<int>::Reader reader(snapshot);
  const std::shared_ptr<const int> first = reader.get();
  EXPECT_EQ(*first, 1);
  snapshot.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*reader.get(), 2);
  EXPECT_EQ(*first, 1);  // who keeps the old one keeps it whole
}

TEST(Snapshot, IsReadWhileItIsReplaced) {
  Snapshot<int> snapshot(std::make_shared<const int>(0));
  std::thread publisher([&] {
    for (int i = 1; i <= 2000; ++i) snapshot.publish(std::make_shared<const int>(i));
  });
  Snapshot<int>::Reader reader(snapshot);
  int last = 0;
  while (last < 2000) {
    const int seen = *reader.get();
    ASSERT_GE(seen, last);
    last = seen;
  }
  publisher.join();
}

}  // namespace
}  // namespace wasat
