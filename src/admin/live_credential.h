// Between the rows of the store and the members of the pool.

#pragma once

#include "pool/pool.h"
#include "store/records.h"

namespace wasat::admin {

// A member of the pool from its row, with its state; cooldowns are not in a row.
pool::CredentialPtr make_live(const store::Credential& row);

store::CredentialState to_store(pool::CredentialState state);

}  // namespace wasat::admin
