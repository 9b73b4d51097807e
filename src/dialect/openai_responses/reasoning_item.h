// The thoughts that are being streamed: a reasoning item with one summary. Owned by the
// encoder, which opens it with the first thought and closes it with what comes behind.

#pragma once

#include <string>
#include <string_view>

#include "dialect/openai_responses/items.h"

namespace wasat::dialect::openai_responses {

class ReasoningItem {
 public:
  explicit ReasoningItem(Items& items) : items_(items) {}

  void open(std::string& out);
  void give(std::string_view escaped, std::string& out);
  // `signature`: of what follows; empty: none.
  void close(std::string_view signature, std::string& out);

 private:
  Items& items_;
  std::string id_;
  std::string delta_head_;  // up to the text
  std::string text_;        // escaped
};

}  // namespace wasat::dialect::openai_responses
