#include "admin/live_credential.h"

#include <algorithm>

#include "net/origin.h"

namespace wasat::admin {
namespace {

pool::CredentialState to_pool(store::CredentialState state) {
  switch (state) {
    case store::CredentialState::kReady:
      return pool::CredentialState::kReady;
    case store::CredentialState::kDisabled:
      return pool::CredentialState::kDisabled;
    case store::CredentialState::kNeedsPerson:
      return pool::CredentialState::kNeedsPerson;
  }
  return pool::CredentialState::kDisabled;
}

}  // namespace

pool::CredentialPtr make_live(const store::Credential& row) {
  pool::CredentialIdentity identity{.id = row.id,
                                    .provider = row.provider,
                                    .name = row.name.empty() ? row.secret.mask() : row.name,
                                    .secret = row.secret,
                                    .proxy = nullptr,
                                    .tier = row.tier,
                                    .weight = std::max(1U, row.weight),
                                    .most_leases = row.most_leases};
  std::string trouble;
  if (!row.proxy.empty()) {
    Result<net::Proxy> proxy = net::parse_proxy(row.proxy.reveal());
    // It must not go out another way than its owner wants.
    if (!proxy) trouble = "its proxy: " + proxy.error().detail;
    if (proxy) identity.proxy = std::make_shared<const net::Proxy>(std::move(*proxy));
  }
  auto credential = std::make_shared<pool::Credential>(std::move(identity));
  if (!trouble.empty()) {
    credential->set_state(pool::CredentialState::kNeedsPerson, trouble);
  } else if (row.state != store::CredentialState::kReady) {
    credential->set_state(to_pool(row.state), row.reason);
  }
  return credential;
}

store::CredentialState to_store(pool::CredentialState state) {
  switch (state) {
    case pool::CredentialState::kReady:
      return store::CredentialState::kReady;
    case pool::CredentialState::kDisabled:
      return store::CredentialState::kDisabled;
    case pool::CredentialState::kNeedsPerson:
      return store::CredentialState::kNeedsPerson;
  }
  return store::CredentialState::kDisabled;
}

}  // namespace wasat::admin
