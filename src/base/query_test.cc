#include "base/query.h"

#include <gtest/gtest.h>

namespace wasat {
namespace {

TEST(Query, TheFirstOfANameCounts) {
  EXPECT_EQ(query_value("alt=sse&key=a&key=b", "key"), "a");
  EXPECT_EQ(query_value("key=a=b&", "key"), "a=b");
  EXPECT_EQ(query_value("key=a%20b+c", "key"), "a%20b+c");
}

TEST(Query, OtherNamesAndNamesWithoutAValueAreNone) {
  for (const char* query : {"", "&&", "keys=x", "ke=x", "key", "xkey=x", "=x"}) {
    EXPECT_EQ(query_value(query, "key"), "") << query;
  }
  EXPECT_EQ(query_value("key&key=a", "key"), "a");
}

}  // namespace
}  // namespace wasat
