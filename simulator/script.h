// What a test tells the simulated model to say: one step for each turn of the
// model. POST /simulator/scripts (README.md).
//
// Which step answers a request follows from the request alone: as many as there
// are turns of the model in its history. So retries get the same step again, and
// any number of conversations can follow one script. Immutable; any thread.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/reader.h"
#include "simulator/answer.h"
#include "simulator/google_error.h"
#include "simulator/prompt.h"

namespace wasat::simulator {

class Script {
 public:
  // {"match":{"model":"...","text":"..."},"steps":[{"parts":[...]}],"exact":false}.
  // Errors: kInvalidRequest.
  [[nodiscard]] static Result<std::shared_ptr<const Script>> parse(json::Value value);

  // `match` holds substrings of the model's name and of the body.
  bool matches(std::string_view model, std::string_view body) const;

  struct Scripted {
    std::optional<Answer> answer;
    GoogleError error;  // when its code is not 0: the history is not what it should be
  };
  // Neither: the script has no step for this request (it has come to its end, or
  // the request does not declare the functions that the step calls).
  Scripted answer(json::Value request, const Prompt& prompt) const;

  const std::string& text() const { return text_; }
  std::size_t size() const { return steps_.size(); }

 private:
  struct Step {
    std::vector<Piece> pieces;
    std::vector<std::string> calls;  // names of the functions, in order
    std::string signature;           // that its first call must come back with
    std::vector<std::string> expect;
    std::string finish_reason;
    std::string finish_message;
    std::string grounding;
    int cached_tokens = 0;
  };
  static Result<Step> parse_step(json::Value value, std::string_view name);
  GoogleError check_history(json::Value request, const Prompt& prompt, std::size_t turns) const;

  std::string model_;
  std::string text_;
  bool exact_ = false;
  std::vector<Step> steps_;
};

}  // namespace wasat::simulator
