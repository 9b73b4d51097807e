#include "admin/registry.h"

#include <algorithm>
#include <unordered_map>

namespace wasat::admin {

Registry::Registry(Parts parts, const store::Contents& contents) : parts_(parts) {
  std::unordered_map<std::string_view, pool::CredentialPtr> live;
  const auto list = parts_.pool.credentials();
  for (const pool::CredentialPtr& credential : *list) live.emplace(credential->id(), credential);
  credentials_.reserve(contents.credentials.size());
  for (const store::Credential& row : contents.credentials) {
    const auto found = live.find(row.id);
    if (found == live.end()) continue;
    credentials_.push_back({.live = found->second,
                            .from_environment = row.from_environment,
                            .created = row.created,
                            .updated = row.updated,
                            .tier = row.tier,
                            .weight = row.weight,
                            .most_leases = row.most_leases,
                            .proxy = row.proxy,
                            .note = row.note});
  }
}

const CredentialRow* Registry::find_credential(std::string_view id) const {
  const auto found = std::ranges::find_if(
      credentials_, [id](const CredentialRow& each) { return each.live->id() == id; });
  return found == credentials_.end() ? nullptr : &*found;
}

}  // namespace wasat::admin
