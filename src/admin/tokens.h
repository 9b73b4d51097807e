// The resource /tokens: what clients present, without the texts themselves.

#pragma once

#include <span>

#include "admin/router.h"
#include "json/writer.h"
#include "store/records.h"

namespace wasat::admin {

std::span<const Route> token_routes();

void write_token(json::Writer& writer, const store::Token& token, store::Time now);

}  // namespace wasat::admin
