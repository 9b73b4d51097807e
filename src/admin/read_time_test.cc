#include "admin/read_time.h"

#include <gtest/gtest.h>

#include "admin/write_json.h"

namespace wasat::admin {
namespace {

TEST(AdminTime, ReadsWhatItWrites) {
  for (const std::string_view text : {"2030-01-31T12:00:00.000Z", "1970-01-01T00:00:01.250Z"}) {
    ASSERT_TRUE(read_time(text)) << text;
    EXPECT_EQ(iso_time(*read_time(text)), text);
  }
}

TEST(AdminTime, ReadsOtherForms) {
  EXPECT_EQ(iso_time(*read_time("2030-01-31")), "2030-01-31T00:00:00.000Z");
  EXPECT_EQ(iso_time(*read_time("2030-01-31T12:00Z")), "2030-01-31T12:00:00.000Z");
  EXPECT_EQ(iso_time(*read_time("2030-01-31t20:00:00+08:00")), "2030-01-31T12:00:00.000Z");
  EXPECT_EQ(iso_time(*read_time("2030-01-31 04:30:00.5-07:30")), "2030-01-31T12:00:00.500Z");
}

TEST(AdminTime, RefusesTheRest) {
  for (const std::string_view text :
       {"", "2030", "2030-02-30", "2030-01-31T", "2030-01-31T25:00:00Z", "2030-01-31T12:00:00",
        "1969-12-31", "31.01.2030", "2030-01-31T12:00:00+8", "2030-01-31T12:00:00Zx", "-030-01-31",
        "2030-1-31"}) {
    EXPECT_FALSE(read_time(text)) << text;
  }
}

}  // namespace
}  // namespace wasat::admin
