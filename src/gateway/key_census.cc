#include "gateway/key_census.h"

namespace wasat::gateway {
namespace {

constexpr std::chrono::seconds kGood{1};

// Says that a census is being taken, as long as it lives.
class Counting {
 public:
  explicit Counting(bool& flag) : flag_(flag) { flag_ = true; }
  ~Counting() { flag_ = false; }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;

 private:
  bool& flag_;
};

}  // namespace

std::string_view key_status(const pool::Credential& credential, pool::WallTime now) {
  if (credential.state() != pool::CredentialState::kReady) return "failed";
  if (credential.leaving()) return "leaving";
  return credential.cooldowns(now).empty() ? "active" : "cooling";
}

void KeyCensus::add(const pool::Credential& credential, pool::WallTime now) {
  ++total;
  const std::string_view status = key_status(credential, now);
  ++(status == "active" ? active : status == "cooling" ? cooling : failed);
  // One that rests for some models still serves the others.
  serving = serving || (credential.serves() && credential.available_at({}) <= now);
}

Task<KeyCensus> KeyCounter::count() {
  const std::shared_ptr<const pool::CredentialList> credentials = pool_.credentials();
  const pool::WallTime now = clock_.wall();
  const bool large = credentials->size() > kCredentialsInOneGo;
  const bool known = taken_ != Clock::Steady();
  if (large && known && (counting_ || clock_.now() - taken_ < kGood)) co_return last_;
  const Counting counting(counting_);
  KeyCensus census;
  std::size_t left = kCredentialsInOneGo;
  for (const pool::CredentialPtr& credential : *credentials) {
    if (left-- == 0) {
      co_await net::yield(loop_);
      left = kCredentialsInOneGo - 1;
    }
    census.add(*credential, now);
  }
  last_ = census;
  taken_ = clock_.now();
  co_return census;
}

}  // namespace wasat::gateway
