// A resource as Google describes it, of whatever kind, and lists of them.

#pragma once

#include <string>
#include <string_view>

#include "json/writer.h"
#include "simulator/holdings.h"
#include "simulator/outcome.h"
#include "simulator/resources/asked.h"

namespace wasat::simulator {

// {"name": "files/x", "mimeType": ...}
std::string json_of(const Holding& holding);
// Into an open object: the members that caches, stores, documents and tokens have.
void write_common(json::Writer& writer, const Holding& holding);

// A page of the key's resources whose names begin so. `parent`: "fileSearchStores/x" or empty.
Outcome list(const Asked& asked, std::string_view prefix, std::string_view parent);

}  // namespace wasat::simulator
