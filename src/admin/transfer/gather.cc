#include "admin/transfer/gather.h"

#include <algorithm>

namespace wasat::admin::transfer {
namespace {

constexpr std::string_view kPasswordSetting = "access.admin_password";

}  // namespace

Cargo gather(const store::Contents& here, const store::Keys& keys, const KnownSettings& settings,
             const EnvironmentTokens& tokens) {
  Cargo cargo;
  for (const store::Credential& credential : here.credentials) {
    // Without its secret (a damaged row) there is nothing to take along.
    if (credential.secret.empty()) continue;
    store::Credential& copy = cargo.credentials.emplace_back(credential);
    if (!copy.from_environment) continue;
    copy.from_environment = false;
    copy.id.clear();  // it is the environment's alone
  }
  cargo.tokens = here.tokens;
  for (const Secret& text : tokens.texts) {
    const Digest hash = keys.tokens(text.reveal());
    const bool known = std::ranges::any_of(
        cargo.tokens, [&](const store::Token& token) { return token.hash == hash; });
    if (text.empty() || known) continue;
    cargo.tokens.push_back({.id = {},
                            .name = "environment " + text.mask(),
                            .kind = "client",
                            .hash = hash,
                            .prefix = text.mask(),
                            .allow = tokens.allowed.text(),
                            .created = {},
                            .expires = {},
                            .limits = {}});
  }
  if (!cargo.tokens.empty()) {
    cargo.token_keys.push_back(keys.token_key);
    cargo.token_keys.insert(cargo.token_keys.end(), here.token_keys.begin(), here.token_keys.end());
  }
  for (const auto& [key, value] : here.settings) {
    if (key == kPasswordSetting) continue;
    const std::optional<KnownSetting> known = settings.find(key);
    // Of what this program does not know, the worst is assumed.
    cargo.settings.emplace(key, CargoSetting{.value = value, .secret = !known || known->secret});
  }
  cargo.aliases = here.model_aliases;
  return cargo;
}

}  // namespace wasat::admin::transfer
