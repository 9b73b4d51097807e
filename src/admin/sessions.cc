#include "admin/sessions.h"

#include <algorithm>

#include "base/random.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMost = 256;
constexpr std::size_t kTokenLength = 44;  // letters and digits: 262 bits
constexpr std::string_view kPrefix = "wss-";
// How often the store learns that a session is in use.
constexpr std::chrono::minutes kNoteEvery{1};
constexpr std::chrono::minutes kClocksDiffer{5};

}  // namespace

Sessions::Sessions(const Clock& clock, const HmacKey& key, store::Store& store,
                   std::vector<Session> known)
    : clock_(clock), key_(key), store_(store) {
  for (Session& session : known) {
    const store::Time noted = session.last_used;
    entries_.push_back({std::move(session), noted});
  }
}

// A clock that was set back must not let a session last for longer.
bool Sessions::lasts(const Session& session, const SessionLimits& limits, store::Time now) const {
  if (now + kClocksDiffer < session.last_used) return false;
  return now - session.last_used < limits.idle && now - session.created < limits.age;
}

Sessions::Opened Sessions::open(std::string address, std::string user_agent) {
  Opened opened{.token = secure_text(kTokenLength, kPrefix), .session = {}};
  const store::Time now = store::to_time(clock_.wall());
  const Digest hash = key_(opened.token.reveal());
  user_agent.resize(std::min<std::size_t>(user_agent.size(), 200));
  opened.session = {.id = hex(as_bytes(hash).substr(0, 8)),
                    .hash = hash,
                    .created = now,
                    .last_used = now,
                    .address = std::move(address),
                    .user_agent = std::move(user_agent)};
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMost) {
    const auto oldest = std::ranges::min_element(
        entries_, {}, [](const Entry& each) { return each.session.last_used; });
    store_.note(store::RemoveSession{oldest->session.id});
    entries_.erase(oldest);
  }
  entries_.push_back({opened.session, now});
  store_.note(store::PutSession{opened.session});
  return opened;
}

std::optional<Session> Sessions::find(std::string_view token, const SessionLimits& limits) {
  if (!token.starts_with(kPrefix) || token.size() > 128) return std::nullopt;
  const Digest hash = key_(token);
  const store::Time now = store::to_time(clock_.wall());
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& each) { return same_digest(each.session.hash, hash); });
  if (found == entries_.end()) return std::nullopt;
  if (!lasts(found->session, limits, now)) {
    store_.note(store::RemoveSession{found->session.id});
    entries_.erase(found);
    return std::nullopt;
  }
  found->session.last_used = now;
  if (now - found->noted >= kNoteEvery) {
    found->noted = now;
    store_.note(store::PutSession{found->session});
  }
  return found->session;
}

std::vector<std::string> Sessions::end(std::string_view id) {
  std::vector<std::string> ended;
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& each) {
    if (each.session.id != id) return false;
    ended.push_back(each.session.id);
    return true;
  });
  return ended;
}

std::vector<std::string> Sessions::end_all_but(std::string_view id) {
  std::vector<std::string> ended;
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& each) {
    if (each.session.id == id) return false;
    ended.push_back(each.session.id);
    return true;
  });
  return ended;
}

std::vector<Session> Sessions::list(const SessionLimits& limits) {
  const store::Time now = store::to_time(clock_.wall());
  std::vector<Session> list;
  {
    const std::lock_guard lock(mutex_);
    for (const Entry& each : entries_) {
      if (lasts(each.session, limits, now)) list.push_back(each.session);
    }
  }
  std::ranges::reverse(list);
  return list;
}

std::string Sessions::csrf(std::string_view token) const {
  std::string text("csrf ");
  text += token;
  return hex(as_bytes(key_(text)).substr(0, 16));
}

}  // namespace wasat::admin
