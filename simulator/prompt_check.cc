#include "simulator/prompt_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "simulator/fields.h"

namespace wasat::simulator {
namespace {

using Refused = std::optional<GoogleError>;
using gemini::Thinking;

constexpr std::array<std::string_view, 8> kDataFields = {
    "text",           "inlineData",          "fileData", "functionCall", "functionResponse",
    "executableCode", "codeExecutionResult", "toolCall"};

std::string in_request(const std::string& where, std::string_view what) {
  return "* GenerateContentRequest." + where + ": " + std::string(what) + "\n";
}

// One turn, as far as the order of turns is concerned.
struct Turn {
  bool model = false;
  std::vector<json::Value> calls;  // the parts, not the calls themselves
  int responses = 0;
  bool other = false;  // text or media
};

Refused check_part(json::Value part, const std::string& where, Turn& turn) {
  const auto present = [&part](std::string_view name) {
    const json::Value value = field(part, name);
    const bool empty_string = value.is_string() && value.escaped().empty();
    return value && !value.is_null() && !empty_string;
  };
  const bool data = std::ranges::any_of(kDataFields, present) || present("toolResponse");
  // Models write empty texts themselves, and those come back in the history.
  const bool empty_text = turn.model && field(part, "text").is_string();
  if (!data && !empty_text && !field(part, "thoughtSignature")) {
    return invalid_argument(
        in_request(where + ".data", "required oneof field 'data' must have one initialized field"));
  }
  if (const json::Value call = field(part, "functionCall")) {
    if (field(call, "name").string_or("").empty()) {
      return invalid_argument(in_request(where + ".function_call.name", "Name cannot be empty."));
    }
    turn.calls.push_back(part);
  } else if (const json::Value response = field(part, "functionResponse")) {
    if (field(response, "name").string_or("").empty()) {
      return invalid_argument(
          in_request(where + ".function_response.name", "Name cannot be empty."));
    }
    if (!field(response, "response").is_object()) {
      return invalid_argument(
          in_request(where + ".function_response.response", "must be an object"));
    }
    ++turn.responses;
  } else if (data) {
    turn.other = true;
  }
  return std::nullopt;
}

Refused check_content(json::Value content, std::size_t index, Turn& turn) {
  const std::string where = "contents[" + std::to_string(index) + "]";
  const std::string_view role = field(content, "role").string_or("user");
  if (role != "user" && role != "model" && role != "function" && !role.empty()) {
    return invalid_argument("Please use a valid role: user, model.");
  }
  turn.model = role == "model";
  const json::Value parts = field(content, "parts");
  if (!parts || (parts.is_array() && parts.size() == 0)) {
    return invalid_argument(in_request(where + ".parts", "contents.parts must not be empty."));
  }
  Refused refused;
  std::size_t part_index = 0;
  each(parts, [&](json::Value part) {
    const std::string part_where = where + ".parts[" + std::to_string(part_index++) + "]";
    if (!refused) refused = check_part(part, part_where, turn);
  });
  return refused;
}

// Calls and responses must pair, one turn directly behind the other.
Refused check_order(const std::vector<Turn>& turns) {
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (!turns[i].calls.empty() && i == 0) {
      return invalid_argument(
          "Please ensure that function call turn comes immediately after a user turn or after a "
          "function response turn.");
    }
    const bool after_call = i > 0 && !turns[i - 1].calls.empty();
    if (turns[i].responses > 0 && !after_call) {
      return invalid_argument(
          "Please ensure that function response turn comes immediately after a function call "
          "turn.");
    }
    if (after_call && !turns[i].model &&
        turns[i].responses != static_cast<int>(turns[i - 1].calls.size())) {
      return invalid_argument(
          "Please ensure that the number of function response parts is equal to the number of "
          "function call parts of the function call turn.");
    }
  }
  return std::nullopt;
}

bool is_signature(std::string_view text) {
  if (text == "skip_thought_signature_validator" ||
      text == "context_engineering_is_the_way_to_go") {
    return true;
  }
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && text.size() % 4 != 1 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_';
  });
}

// Every step of the current turn needs a signature on its first call.
Refused check_signatures(const std::vector<Turn>& turns) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (!turns[i].model && turns[i].other && turns[i].responses == 0) begin = i;
  }
  for (std::size_t i = begin; i < turns.size(); ++i) {
    if (turns[i].calls.empty()) continue;
    const json::Value first = turns[i].calls.front();
    const std::string_view signature = field(first, "thoughtSignature").string_or("");
    if (signature.empty()) {
      return invalid_argument(
          "Function call is missing a thought_signature in functionCall parts. This is required "
          "for tools to work correctly, and missing thought_signature may lead to degraded model "
          "performance. Additional data, function call `default_api:" +
          std::string(field(field(first, "functionCall"), "name").string_or("")) + "` , position " +
          std::to_string(i + 1) +
          ". Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more "
          "details.");
    }
    if (!is_signature(signature)) return invalid_argument("Corrupted thought signature.");
  }
  return std::nullopt;
}

Refused check_thinking(json::Value config, const Thinking& thinking) {
  if (!config) return std::nullopt;
  const json::Value budget = field(config, "thinkingBudget");
  const json::Value level = field(config, "thinkingLevel");
  if (thinking.style == Thinking::Style::kNone) {
    if (!budget && !level && !field(config, "includeThoughts").boolean().value_or(false)) {
      return std::nullopt;
    }
    return invalid_argument("Thinking is not enabled for this model.");
  }
  if (budget && level) {
    return invalid_argument("You can only set only one of thinking budget and thinking level.");
  }
  if (level && thinking.style == Thinking::Style::kBudget) {
    return invalid_argument("Thinking level is not supported for this model.");
  }
  if (const auto tokens = budget.integer()) {
    const bool zero = *tokens == 0 && thinking.can_turn_off;
    if (*tokens != -1 && !zero &&
        (*tokens < thinking.min_budget || *tokens > thinking.max_budget)) {
      return invalid_argument("The thinking budget " + std::to_string(*tokens) +
                              " is invalid. Please choose a value between " +
                              std::to_string(thinking.min_budget) + " and " +
                              std::to_string(thinking.max_budget) + ".");
    }
  }
  if (level && !level.is_null()) {
    for (int i = 0; i < 4; ++i) {
      const auto candidate = static_cast<gemini::ThinkingLevel>(i);
      const std::string_view name = gemini::thinking_level_name(candidate);
      const bool same = std::ranges::equal(level.string_or(""), name,
                                           [](char a, char b) { return a == b || a - 32 == b; });
      if (same && thinking.has(candidate)) return std::nullopt;
    }
    return invalid_argument("Thinking level " + std::string(level.string_or("")) +
                            " is not supported for this model. Please retry with other thinking "
                            "level.");
  }
  return std::nullopt;
}

Refused check_config(json::Value config, const gemini::ModelFamily& family) {
  const auto range = [&config](std::string_view camel, std::string_view snake, double least,
                               double most, std::string_view words) -> Refused {
    const auto value = field(config, camel).number();
    if (!value || (*value >= least && *value <= most)) return std::nullopt;
    return invalid_argument(in_request("generation_config." + std::string(snake), words));
  };
  Refused refused =
      range("temperature", "temperature", 0, 2, "temperature must be in the range [0.0, 2.0].");
  if (!refused) refused = range("topP", "top_p", 0, 1, "top_p must be in the range [0.0, 1.0].");
  if (!refused) {
    refused = range("candidateCount", "candidate_count", 1, 8,
                    "candidate_count must be in the range [1, 8].");
  }
  if (!refused) {
    refused = range("maxOutputTokens", "max_output_tokens", 1, 1e9,
                    "max_output_tokens must be positive.");
  }
  if (!refused && field(config, "stopSequences").size() > 5) {
    refused = invalid_argument(in_request("generation_config.stop_sequences",
                                          "the number of stop_sequences must be at most 5."));
  }
  if (!refused) refused = check_thinking(field(config, "thinkingConfig"), family.thinking);
  return refused;
}

bool is_function_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && name.size() <= 128 && letter(name[0]) &&
         std::ranges::all_of(name, [&letter](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-';
         });
}

Refused check_tools(json::Value request, const gemini::ModelFamily& family) {
  Refused refused;
  std::set<std::string_view> names;
  bool built_in = false;
  each(field(request, "tools"), [&](json::Value tool) {
    for (const char* name : {"googleSearch", "urlContext", "codeExecution"}) {
      built_in = built_in || field(tool, name);
    }
    each(field(tool, "functionDeclarations"), [&](json::Value function) {
      const std::string_view name = field(function, "name").string_or("");
      if (refused) return;
      if (!is_function_name(name)) {
        refused = invalid_argument(in_request(
            "tools[0].function_declarations[" + std::to_string(names.size()) + "].name",
            "Invalid function name. Must start with a letter or an underscore. Must be "
            "alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), "
            "with a maximum length of 128."));
      } else if (!names.insert(name).second) {
        refused = invalid_argument("Duplicate function declaration found: " + std::string(name));
      }
    });
  });
  if (refused || family.third_generation || names.empty()) return refused;
  if (built_in) return invalid_argument("Tool use with function calling is unsupported");
  const json::Value config = field(request, "generationConfig");
  if (field(config, "responseMimeType").string_or("") == "application/json") {
    return invalid_argument(
        "Function calling with a response mime type: 'application/json' is unsupported");
  }
  return std::nullopt;
}

}  // namespace

std::optional<GoogleError> check_prompt(json::Value request, const gemini::ModelFamily& family) {
  const json::Value contents = field(request, "contents");
  if (!contents || (contents.is_array() && contents.size() == 0)) {
    return invalid_argument(in_request("contents", "contents is not specified"));
  }
  std::vector<Turn> turns;
  Refused refused;
  each(contents, [&](json::Value content) {
    const std::size_t index = turns.size();
    if (!refused) refused = check_content(content, index, turns.emplace_back());
  });
  if (!refused) refused = check_order(turns);
  if (!refused && family.third_generation) refused = check_signatures(turns);
  if (!refused) refused = check_tools(request, family);
  if (!refused) refused = check_config(field(request, "generationConfig"), family);
  return refused;
}

}  // namespace wasat::simulator
