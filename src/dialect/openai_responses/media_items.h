// What the model drew and what it ran, as items.

#pragma once

#include <string>
#include <string_view>

#include "dialect/openai_responses/items.h"

namespace wasat::dialect::openai_responses {

// An image_generation_call. No other item is open. `mime_type`: "image/png"; both are escaped.
void give_image_item(std::string_view mime_type, std::string_view base64, Items& items,
                     std::string& out);

// A code_interpreter_call: open from the code to its result, or to what comes instead.
class CodeItem {
 public:
  explicit CodeItem(Items& items) : items_(items) {}

  // Escaped, as `logs` is.
  void open(std::string_view code, std::string& out);
  // `logs`: empty: none.
  void close(std::string_view logs, std::string& out);

 private:
  // Up to the outputs.
  std::string head(std::string_view status, std::string_view code) const;

  Items& items_;
  std::string id_;
  std::string code_;  // escaped
};

}  // namespace wasat::dialect::openai_responses
