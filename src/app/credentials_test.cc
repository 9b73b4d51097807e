#include "app/credentials.h"

#include <gtest/gtest.h>

#include "admin/fake_store_test.h"

namespace wasat::app {
namespace {

store::Credential disabled(std::string id, bool from_environment, std::string reason) {
  return {.id = std::move(id),
          .provider = "api_key",
          .secret = Secret("AIzaSy-some-key-of-the-test-0123456789"),
          .from_environment = from_environment,
          .state = store::CredentialState::kDisabled,
          .reason = std::move(reason)};
}

std::string reason(gemini::Defect defect) {
  return std::string(gemini::defect_name(defect)) + ": do something";
}

TEST(GiveAnotherChance, RevivesWhatThePersonGaveAgainButNotWhatGoogleBanned) {
  store::Contents contents;
  contents.credentials = {disabled("1", true, reason(gemini::Defect::kServiceDisabled)),
                          disabled("2", true, reason(gemini::Defect::kSuspended)),
                          disabled("3", true, reason(gemini::Defect::kLeaked)),
                          disabled("4", true, reason(gemini::Defect::kTermsViolation)),
                          disabled("5", false, reason(gemini::Defect::kInvalid))};
  const auto changes = give_another_chance(contents, store::Time(std::chrono::seconds(1)));
  EXPECT_EQ(changes.size(), 1u);
  const pool::CredentialList list = make_credentials(contents, ManualClock());
  EXPECT_EQ(list[0]->state(), pool::CredentialState::kReady);
  for (std::size_t i = 1; i < list.size(); ++i) {
    EXPECT_EQ(list[i]->state(), pool::CredentialState::kDisabled) << i;
    EXPECT_NE(list[i]->state_reason(), "") << i;
  }
}

TEST(MakeCredentials, BringsCooldownsBackEvenThoseForGood) {
  store::Contents contents;
  contents.credentials = {disabled("1", true, "")};
  contents.credentials[0].state = store::CredentialState::kReady;
  const store::Time later(std::chrono::hours(1'000'000));
  contents.cooldowns = {{.credential_id = "1", .scope = "m", .until = later, .why = "quota"}};
  const pool::CredentialList list = make_credentials(contents, ManualClock());
  EXPECT_EQ(list[0]->available_at("m"), pool::WallTime(later));
  EXPECT_LE(list[0]->available_at("other"), pool::WallTime());
}

TEST(MakeCredentials, BringsBackWhatWasBelievedAsFarAsItHolds) {
  ManualClock clock;
  store::Contents contents;
  contents.credentials = {disabled("1", true, "")};
  contents.credentials[0].state = store::CredentialState::kReady;
  auto before = make_credentials(contents, clock);
  before[0]->restore({.belief = {100, 3},
                      .failures_in_a_row = 2,
                      .half_open = true,
                      .attempts = 9,
                      .successes = 7,
                      .last_success = 5},
                     pool::ticks_of(clock.now()));
  const std::vector<store::Change> changes = note_health(before, clock);
  ASSERT_EQ(changes.size(), 1u);
  contents.health = std::get<store::PutCredentialHealth>(changes[0]).health;
  clock.advance(std::chrono::seconds(pool::Posterior::kHalfLifeSeconds));
  const auto after = make_credentials(contents, clock);
  const pool::CredentialHealth health = after[0]->health(pool::ticks_of(clock.now()));
  EXPECT_NEAR(health.belief.successes, 50, 0.1);
  EXPECT_NEAR(health.belief.failures, 1.5, 0.1);
  EXPECT_EQ(health.failures_in_a_row, 2u);
  EXPECT_TRUE(health.half_open);
  EXPECT_EQ(health.attempts, 9u);
  EXPECT_EQ(health.successes, 7u);
  EXPECT_EQ(health.last_success, 5);
}

TEST(CredentialKeeper, TheStoreLearnsNothingOfWhatItDoesNotKnow) {
  ManualClock clock;
  admin::FakeStore store;
  observe::Log log(observe::level_of("off"), observe::Log::Format::kText);
  admin::EventHub events;
  CredentialKeeper keeper(store, log, clock, events);
  const pool::Credential node({.id = "relay-a", .provider = "relay", .transient = true});
  const pool::Credential key({.id = "1", .provider = "api_key"});
  const auto tell = [&](const pool::Credential& credential) {
    keeper.state_changed(credential);
    keeper.cooled(credential, {.model = "m", .until = pool::WallTime::max(), .why = "quota"});
    keeper.cooldown_cleared(credential, "m");
  };
  tell(node);
  EXPECT_EQ(store.noted.size(), 0u);
  tell(key);
  EXPECT_EQ(store.noted.size(), 3u);
  const auto shared = std::make_shared<pool::Credential>(
      pool::CredentialIdentity{.id = "relay-a", .provider = "relay", .transient = true});
  EXPECT_EQ(note_health({shared}, clock).size(), 0u);
}

}  // namespace
}  // namespace wasat::app
