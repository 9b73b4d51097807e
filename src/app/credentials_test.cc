#include "app/credentials.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace wasat::app
