// A request about resources as each kind gets it, and what all of them answer with.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gemini/resource_path.h"
#include "json/reader.h"
#include "simulator/google_error.h"
#include "simulator/holdings.h"
#include "simulator/outcome.h"

namespace wasat::simulator {

inline constexpr std::string_view kApi = "https://generativelanguage.googleapis.com/";

struct Asked {
  Holdings& holdings;
  std::string_view key;
  std::string_view http_method;
  std::string_view query;
  gemini::ResourcePath path;
  std::string_view rest;  // of the path, without version and verb: "batches/x"
  std::string_view verb;  // behind the colon; empty: none
  json::Value body;       // an object, or absent

  // A new one of this key's; it is not put anywhere yet.
  Holding made(std::string name) const;
  // Puts it, and answers with it.
  Outcome keep(Holding holding) const;
  // A number in the query.
  std::size_t number(std::string_view name, std::size_t otherwise) const;
};

Outcome unary(std::string_view compact);
Outcome refuse(const GoogleError& error);
// What Google says of a name that is not this key's, whether it exists or not.
GoogleError denied(std::string_view name);

std::int64_t now_seconds();
std::string time_text(std::int64_t unix_seconds);  // "2026-11-21T10:09:15Z"
// "60s", "3600.5s": whole seconds.
std::int64_t seconds_of(std::string_view text, std::int64_t otherwise);

}  // namespace wasat::simulator
