#include "store/environment.h"

#include <algorithm>
#include <map>
#include <set>

namespace wasat::store {

std::vector<Change> add_environment_credentials(Contents& contents, const Keys& keys,
                                                std::string_view provider,
                                                std::span<const Secret> secrets, Time now) {
  std::set<Digest> stored;
  std::map<std::string, Credential> known;
  for (Credential& credential : contents.credentials) {
    if (credential.from_environment) {
      known.emplace(credential.id, std::move(credential));
    } else {
      stored.insert(keys.fingerprint(credential.provider, credential.secret));
    }
  }
  std::erase_if(contents.credentials, [](const Credential& c) { return c.from_environment; });

  std::vector<Change> notes;
  std::set<std::string> given;
  for (const Secret& secret : secrets) {
    const Digest fingerprint = keys.fingerprint(provider, secret);
    if (!stored.insert(fingerprint).second) continue;
    // The same secret has the same id at every start and in every instance.
    const std::string id = "env-" + hex(as_bytes(fingerprint).substr(0, 8));
    Credential credential{.id = id,
                          .provider = std::string(provider),
                          .name = "environment " + std::to_string(given.size() + 1),
                          .secret = secret,
                          .from_environment = true,
                          .created = now,
                          .updated = now};
    given.insert(id);
    if (const auto row = known.find(id); row != known.end()) {
      credential.state = row->second.state;
      credential.reason = row->second.reason;
      credential.created = row->second.created;
      credential.updated = row->second.updated;
      credential.tier = row->second.tier;
      credential.weight = row->second.weight;
      credential.most_leases = row->second.most_leases;
      credential.proxy = std::move(row->second.proxy);
      credential.note = std::move(row->second.note);
    } else {
      notes.emplace_back(PutCredential{credential});
    }
    contents.credentials.push_back(std::move(credential));
  }
  std::erase_if(contents.cooldowns, [&](const Cooldown& cooldown) {
    return known.contains(cooldown.credential_id) && !given.contains(cooldown.credential_id);
  });
  return notes;
}

}  // namespace wasat::store
