// What an export of here would hold.

#pragma once

#include <span>

#include "account/allowed.h"
#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"
#include "store/keys.h"
#include "store/records.h"

namespace wasat::admin::transfer {

// Tokens that the environment gives, and what clients may use with theirs.
struct EnvironmentTokens {
  std::span<const Secret> texts;
  account::Allowed allowed;
  std::span<const Secret> relay;  // of nodes
};

// Everything but the admin password and cooldowns: who signs in at one place says nothing
// about another, and what rests shows there soon enough. What the environment gives comes
// along as if it were stored, so that calls work elsewhere as they do here.
Cargo gather(const store::Contents& here, const store::Keys& keys, const KnownSettings& settings,
             const EnvironmentTokens& tokens);

}  // namespace wasat::admin::transfer
