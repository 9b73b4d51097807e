// Reading proto3 JSON: Google takes lowerCamelCase and snake_case alike.

#pragma once

#include <string_view>

#include "json/reader.h"

namespace wasat::simulator {

// Whether `name` is `camel` or its snake_case form ("system_instruction").
bool is_field(std::string_view name, std::string_view camel);
// The member in either spelling; absent if there is none.
json::Value field(json::Value object, std::string_view camel);

// A repeated field may be given as a single value: calls visit for each.
template <class Visit>
void each(json::Value value, Visit&& visit) {
  if (value.is_array()) {
    for (const json::Value element : value) visit(element);
  } else if (value && !value.is_null()) {
    visit(value);
  }
}

}  // namespace wasat::simulator
