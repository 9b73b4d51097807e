// Sessions of administrators who have logged in.
//
// A session is a random token that only its owner has: here and in the store is its keyed
// hash. It ends by logging out, when it was idle for too long, or at a certain age. Any
// thread; the lock is held for a look at a small table.

#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/secret.h"
#include "store/store.h"

namespace wasat::admin {

struct SessionLimits {
  std::chrono::milliseconds idle{std::chrono::hours(1)};
  std::chrono::milliseconds age{std::chrono::hours(24)};
};

using Session = store::Session;

class Sessions {
 public:
  // `known` from the store. `key` is Keys::sessions; all references outlive this.
  Sessions(const Clock& clock, const HmacKey& key, store::Store& store, std::vector<Session> known);

  struct Opened {
    Secret token;  // for the cookie; shown to nobody else
    Session session;
  };
  // The one that was used longest ago makes room when there are too many.
  Opened open(std::string address, std::string user_agent);
  // The session whose token this is, while it lasts; being looked for counts as use.
  std::optional<Session> find(std::string_view token, const SessionLimits& limits);
  // Ends one, or all but one; their ids. What the store should forget is for the caller to write.
  std::vector<std::string> end(std::string_view id);
  std::vector<std::string> end_all_but(std::string_view id);
  // Those that last, newest first.
  std::vector<Session> list(const SessionLimits& limits);

  // What a page that was given the session's answer knows, and another site does not.
  std::string csrf(std::string_view token) const;

 private:
  bool lasts(const Session& session, const SessionLimits& limits, store::Time now) const;

  const Clock& clock_;
  const HmacKey& key_;
  store::Store& store_;
  std::mutex mutex_;
  struct Entry {
    Session session;
    store::Time noted;  // when the store learnt of its use
  };
  std::vector<Entry> entries_;
};

}  // namespace wasat::admin
