// File search stores, their documents, and the operations that take documents in.

#pragma once

#include <string>

#include "simulator/resources/asked.h"

namespace wasat::simulator {

Outcome create_store(const Asked& asked);
Outcome import_file(const Asked& asked, const Holding& store);
// What stands below a store: documents and operations.
Outcome use_in_store(const Asked& asked, const Holding& store);
// A store, a document, an operation of one.
std::string store_json(const Holding& holding);

}  // namespace wasat::simulator
