// JSON Schema on its way to Gemini's parametersJsonSchema and responseJsonSchema.
//
// Those fields take JSON Schema as it is and ignore most keywords that they do
// not know, so only a light hand is needed: what can be said in a keyword that
// Gemini honours is said so (const, allOf, exclusiveMinimum, definitions, OpenAPI's nullable),
// and what makes it refuse the schema is left out. A schema with nothing of
// that is copied through.

#pragma once

#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect {

// Writes `schema` as one JSON value. Not an object: written as "{}".
void write_schema(json::Writer& writer, json::Value schema);

// An object type without any property: such parameters are better left out.
bool describes_nothing(json::Value schema);

}  // namespace wasat::dialect
