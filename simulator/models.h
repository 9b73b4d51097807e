// The models that the simulator has, and the JSON that lists them.

#pragma once

#include <string>
#include <string_view>

#include "simulator/google_error.h"

namespace wasat::simulator {

struct Model {
  std::string_view name;  // "gemini-2.5-flash"
  std::string_view version;
  std::string_view display_name;
  int input_limit;
  int output_limit;
  enum class Serves : unsigned char { kText, kMedia, kVectors } serves;
  bool thinking;
  bool call_ids = false;  // function calls carry an id
};

// Exact names, and "gemini-sim-..." for a text model whose name asks for a fault.
// nullptr: no such model.
const Model* find_model(std::string_view name);

// Compact JSON, or an error for a page that there is not.
std::string model_json(const Model& model);
struct ModelPage {
  bool ok = false;
  std::string json;
  GoogleError error;
};
ModelPage list_models(std::string_view page_size, std::string_view page_token);

}  // namespace wasat::simulator
