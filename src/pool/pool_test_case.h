// What the pool's tests share: a pool with a clock that is moved by hand, and the
// failures that Gemini answers with.

#pragma once

#include <gtest/gtest.h>

#include <map>

#include "pool/seat.h"

namespace wasat::pool {

using std::chrono::seconds;

class PoolCase : public ::testing::Test {
 protected:
  static constexpr std::array<std::string_view, 1> kProviders{"api_key"};

  struct Listener final : PoolListener {
    void state_changed(const Credential&) override { ++states; }
    void cooled(const Credential&, const Cooldown& cooldown) override {
      last = cooldown;
      ++cooldowns;
    }
    void cooldown_cleared(const Credential&, std::string_view) override { ++cleared; }
    int states = 0;
    int cooldowns = 0;
    int cleared = 0;
    std::optional<Cooldown> last;
  };

  static CredentialPtr make(std::size_t number, CredentialIdentity identity = {}) {
    identity.id = std::to_string(number);
    if (identity.provider.empty()) identity.provider = "api_key";
    identity.secret = Secret("key-" + identity.id);
    return std::make_shared<Credential>(std::move(identity));
  }

  // Credentials "1" to `count`.
  void fill(std::size_t count, PoolOptions options = {}, CredentialIdentity identity = {}) {
    seat_.reset();
    pool_ = std::make_unique<Pool>(clock_, std::move(options), &listener_);
    CredentialList list;
    for (std::size_t i = 1; i <= count; ++i) list.push_back(make(i, identity));
    pool_->replace(std::move(list));
    seat_ = std::make_unique<Seat>(*pool_, nullptr, Random(1));
  }

  Credential& credential(int number) { return *pool_->find(std::to_string(number)); }

  Result<Lease> lease(std::string_view model = "m", std::span<const Credential* const> tried = {}) {
    return seat_->try_lease({.providers = kProviders, .model = model, .tried = tried});
  }
  Result<Lease> lease_of(int number, std::string_view model = "m") {
    return seat_->try_lease(
        {.providers = kProviders, .model = model, .only = std::to_string(number)});
  }
  // One attempt on this credential, wherever the policy would have gone.
  void fail_on(int number, const gemini::Failure& failure, std::string_view model = "m") {
    const std::string id = std::to_string(number);
    Result<Lease> leased = seat_->try_lease({.providers = kProviders, .model = model, .only = id});
    ASSERT_TRUE(leased) << leased.error().detail;
    leased->settle(Outcome::failed(failure));
  }
  void succeed_on(int number, std::string_view model = "m") {
    const std::string id = std::to_string(number);
    Result<Lease> leased = seat_->try_lease({.providers = kProviders, .model = model, .only = id});
    ASSERT_TRUE(leased) << leased.error().detail;
    leased->settle(Outcome::success());
  }
  std::map<std::string, int> uses(int count, std::string_view model = "m") {
    std::map<std::string, int> uses;
    for (int i = 0; i < count; ++i) {
      Result<Lease> leased = lease(model);
      if (!leased) {
        ++uses["refused"];
        continue;
      }
      ++uses[leased->credential().id()];
      leased->settle(Outcome::success());
    }
    return uses;
  }

  // As gemini::classify tells them.
  gemini::Failure answer(int status, std::string_view json) const {
    const auto body = Buffer::copy_of(json);
    return gemini::classify(
        {.status = status, .body = body->padded(), .retry_after = {}, .now = clock_.wall()});
  }
  gemini::Failure bare_429() const {
    return answer(429, R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED",)"
                       R"("message":"Resource has been exhausted (e.g. check quota)."}})");
  }
  gemini::Failure slow_down(std::string_view delay) const {
    return answer(429,
                  R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow down",)"
                  R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo",)"
                  R"("retryDelay":")" +
                      std::string(delay) + R"("}]}})");
  }
  gemini::Failure no_quota_today() const {
    return answer(
        429, R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota",)"
             R"("details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure",)"
             R"("violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},)"
             R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}})");
  }
  gemini::Failure overloaded() const {
    return answer(503, R"({"error":{"code":503,"status":"UNAVAILABLE","message":"overloaded"}})");
  }
  gemini::Failure broken() const {
    return answer(500, R"({"error":{"code":500,"status":"INTERNAL","message":"internal"}})");
  }
  gemini::Failure bad_request() const {
    return answer(400, R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":)"
                       R"("The input token count exceeds the maximum number of tokens"}})");
  }
  gemini::Failure empty_answer() const {
    return {.error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential, "empty")};
  }

  ManualClock clock_;
  Listener listener_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Seat> seat_;
};

}  // namespace wasat::pool
