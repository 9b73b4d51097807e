// The resource /credentials: the members of the pool, without their secrets.

#pragma once

#include <span>
#include <string>

#include "admin/registry.h"
#include "admin/router.h"
#include "json/writer.h"

namespace wasat::admin {

std::span<const Route> credential_routes();

// As it stands in answers.
void write_credential(json::Writer& writer, const CredentialRow& row, pool::WallTime now);

// A URL without the name and password in it.
std::string masked_url(const Secret& url);

}  // namespace wasat::admin
