// Between the rows of the store and the members of the pool.

#pragma once

#include "pool/pool.h"
#include "store/records.h"

namespace wasat::admin {

// A new member of the pool from its row. State and cooldowns are not in it.
pool::CredentialPtr make_live(const store::Credential& row);

// `fresh` replaces `old` and has its id: how it fares goes over.
void carry_over(const pool::Credential& old, pool::Credential& fresh, pool::WallTime now);

store::CredentialState to_store(pool::CredentialState state);
pool::CredentialState to_pool(store::CredentialState state);

}  // namespace wasat::admin
