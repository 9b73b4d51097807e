// Where "$ref" points to within a schema.

#pragma once

#include <string_view>

#include "json/reader.h"

namespace wasat::dialect {

// "#", "#/$defs/A/properties/b" (a JSON pointer, RFC 6901, percent-encoded or not), or an
// "$anchor" or "$id" of one of the definitions. Absent: it points nowhere.
json::Value resolve_reference(json::Value root, std::string_view reference);

}  // namespace wasat::dialect
