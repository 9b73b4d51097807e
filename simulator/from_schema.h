// JSON values that conform to a schema: Google's OpenAPI subset or JSON Schema.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "json/reader.h"

namespace wasat::simulator {

// What a prompt offers to fill a value with; used up in order.
class Hints {
 public:
  Hints(std::string_view text, std::uint64_t seed);

  std::string_view text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }
  // Leaves only this name, for one of several calls.
  void only_name(std::string name) { names_ = {std::move(name)}; }

  std::string next_name(std::string_view otherwise);
  double next_number();
  Random& random() { return random_; }

 private:
  std::string text_;
  std::vector<std::string> names_;
  std::vector<double> numbers_;
  std::size_t name_ = 0;
  std::size_t number_ = 0;
  Random random_;
};

// Compact JSON. "null" when the schema is absent or says nothing.
std::string value_from_schema(json::Value schema, Hints& hints);

}  // namespace wasat::simulator
