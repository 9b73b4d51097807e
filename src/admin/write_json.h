// Forms that all answers of the admin API share.

#pragma once

#include <string>
#include <string_view>

#include "json/writer.h"
#include "store/records.h"

namespace wasat::admin {

// "2026-01-31T12:00:00.000Z"
std::string iso_time(store::Time time);
// null for the epoch, which means never.
void time_member(json::Writer& writer, std::string_view name, store::Time time);
// null when it is empty.
void text_or_null(json::Writer& writer, std::string_view name, std::string_view text);

}  // namespace wasat::admin
