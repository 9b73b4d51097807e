// JSON Schema on its way to Gemini.
//
// parametersJsonSchema and responseJsonSchema take JSON Schema as it is and
// ignore most keywords that they do not know, so only a light hand is needed
// (clean.cc): what can be said in a keyword that Gemini honours is said so, and
// what makes it refuse the schema is left out. A schema with nothing of that is
// copied through.
//
// parameters and responseSchema, for models that have only these, take a small
// part of OpenAPI and refuse everything else (openapi.cc). README.md says what is lost.

#pragma once

#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect {

// Writes `schema` as one JSON value. Not an object: written as "{}".
void write_schema(json::Writer& writer, json::Value schema);

// The same in OpenAPI's words: references inlined, bounded in size and depth.
void write_openapi_schema(json::Writer& writer, json::Value schema);
// Of a function's parameters, which must be an object: alternatives are united.
void write_openapi_parameters(json::Writer& writer, json::Value schema);

// An object type without any property: such parameters are better left out.
bool describes_nothing(json::Value schema);

}  // namespace wasat::dialect
