#include "admin/sessions.h"

#include <gtest/gtest.h>

#include "admin/fake_store_test.h"

namespace wasat::admin {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class AdminSessions : public testing::Test {
 protected:
  const HmacKey key_{Secret("a key for the tests of sessions")};
  const SessionLimits limits_{.idle = hours(1), .age = hours(10)};
  ManualClock clock_;
  FakeStore store_;
  Sessions sessions_{clock_, key_, store_, {}};
};

TEST_F(AdminSessions, AreFoundByTheirTokenAlone) {
  const Sessions::Opened opened = sessions_.open("10.0.0.1", "a browser");
  const std::string token(opened.token.reveal());
  ASSERT_TRUE(sessions_.find(token, limits_));
  EXPECT_EQ(sessions_.find(token, limits_)->id, opened.session.id);
  for (const std::string& other :
       {std::string(), opened.session.id, token + "x", token.substr(1), std::string(9000, 'w')}) {
    EXPECT_FALSE(sessions_.find(other, limits_));
  }
  EXPECT_EQ(token.find(opened.session.id), std::string::npos);
}

TEST_F(AdminSessions, EndWhenIdleAndWithAge) {
  const std::string idle(sessions_.open("", "").token.reveal());
  const std::string used(sessions_.open("", "").token.reveal());
  clock_.advance(minutes(59));
  EXPECT_TRUE(sessions_.find(used, limits_));
  clock_.advance(minutes(2));
  EXPECT_FALSE(sessions_.find(idle, limits_));
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(sessions_.find(used, limits_)) << i;
    clock_.advance(hours(1) - minutes(1));
  }
  clock_.advance(hours(1) - minutes(1));
  EXPECT_FALSE(sessions_.find(used, limits_)) << "however much it is used";
  EXPECT_TRUE(sessions_.list(limits_).empty());
}

TEST_F(AdminSessions, LastNoLongerWhenTheClockIsSetBack) {
  const std::string token(sessions_.open("", "").token.reveal());
  clock_.jump(-minutes(1));
  EXPECT_TRUE(sessions_.find(token, limits_));
  clock_.jump(-hours(24));
  EXPECT_FALSE(sessions_.find(token, limits_));
}

TEST_F(AdminSessions, SurviveARestartInTheStore) {
  const Sessions::Opened opened = sessions_.open("10.0.0.1", "a browser");
  ASSERT_EQ(store_.noted.size(), 1u);
  const store::Session kept = std::get<store::PutSession>(store_.noted[0]).session;
  Sessions again(clock_, key_, store_, {kept});
  EXPECT_TRUE(again.find(opened.token.reveal(), limits_));
}

TEST_F(AdminSessions, AreEnded) {
  const Sessions::Opened first = sessions_.open("", "");
  const Sessions::Opened second = sessions_.open("", "");
  const Sessions::Opened third = sessions_.open("", "");
  EXPECT_EQ(sessions_.end(first.session.id), std::vector<std::string>{first.session.id});
  EXPECT_TRUE(sessions_.end(first.session.id).empty());
  EXPECT_FALSE(sessions_.find(first.token.reveal(), limits_));
  EXPECT_EQ(sessions_.end_all_but(third.session.id), std::vector<std::string>{second.session.id});
  EXPECT_FALSE(sessions_.find(second.token.reveal(), limits_));
  EXPECT_TRUE(sessions_.find(third.token.reveal(), limits_));
}

TEST_F(AdminSessions, AreBounded) {
  const Sessions::Opened first = sessions_.open("", "");
  for (int i = 0; i < 300; ++i) {
    clock_.advance(std::chrono::seconds(1));
    sessions_.open("", "");
  }
  EXPECT_EQ(sessions_.list(limits_).size(), 256u);
  EXPECT_FALSE(sessions_.find(first.token.reveal(), limits_));
}

TEST_F(AdminSessions, HaveACsrfValueEach) {
  const Sessions::Opened one = sessions_.open("", "");
  const Sessions::Opened other = sessions_.open("", "");
  EXPECT_EQ(sessions_.csrf(one.token.reveal()).size(), 32u);
  EXPECT_NE(sessions_.csrf(one.token.reveal()), sessions_.csrf(other.token.reveal()));
}

}  // namespace
}  // namespace wasat::admin
