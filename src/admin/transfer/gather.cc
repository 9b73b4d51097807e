#include "admin/transfer/gather.h"

#include <algorithm>

#include "account/token_table.h"

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
  const auto add_all = [&](std::span<const Secret> texts, account::TokenKind kind,
                           account::Allowed allowed) {
    for (const Secret& text : texts) {
      if (text.empty()) continue;
      store::Token row = account::environment_token(text, kind, 0, keys.tokens);
      const bool known = std::ranges::any_of(
          cargo.tokens, [&](const store::Token& token) { return token.hash == row.hash; });
      if (known) continue;
      row.id.clear();
      row.name = "environment " + row.prefix;
      row.allow = allowed.text();
      cargo.tokens.push_back(std::move(row));
    }
  };
  add_all(tokens.texts, account::TokenKind::kClient, tokens.allowed);
  add_all(tokens.relay, account::TokenKind::kRelay, account::Allowed::none());
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
