#include "simulator/function_calls.h"

#include <algorithm>
#include <array>

#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kMostCalls = 4;

// Words that many functions have in their names and many prompts by chance.
constexpr std::array<std::string_view, 16> kCommonWords = {
    "call", "current", "data", "fetch", "file", "find", "from", "info",
    "item", "list",    "make", "name",  "tool", "user", "with", "function"};

// "getCurrentWeather", "get_current_weather" -> get, current, weather.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter = upper || (c >= 'a' && c <= 'z');
    if ((!letter || upper) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += upper ? static_cast<char>(c + 32) : c;
  }
  return words;
}

bool is_asked_for(std::string_view name, std::string_view lower_prompt) {
  if (lower_prompt.find(lower_case(name)) != std::string_view::npos) return true;
  return std::ranges::any_of(words_of(name), [&](const std::string& word) {
    if (word.size() < 4 || std::ranges::find(kCommonWords, word) != kCommonWords.end()) {
      return false;
    }
    // "multiply" is meant by "multiplied" as well: compare stems.
    return lower_prompt.find(word.substr(0, std::max<std::size_t>(4, word.size() - 2))) !=
           std::string_view::npos;
  });
}

bool is_allowed(const Prompt& prompt, std::string_view name) {
  return prompt.allowed.empty() || std::ranges::find(prompt.allowed, name) != prompt.allowed.end();
}

// A name goes into the first string, so one that is there decides.
bool takes_a_name(json::Value schema) {
  for (const json::Value property : schema["properties"]) {
    if (lower_case(property["type"].string_or("")) == "string" && !property["enum"]) return true;
  }
  return false;
}

std::string args_of(const Declaration& function, Hints& hints) {
  if (field(function.schema, "properties").size() == 0) return "{}";
  return value_from_schema(function.schema, hints);
}

}  // namespace

std::vector<FunctionCall> choose_calls(const Prompt& prompt, std::uint64_t seed) {
  std::vector<FunctionCall> calls;
  const bool must = prompt.mode == "ANY";
  if (prompt.functions.empty() || prompt.mode == "NONE" || !prompt.function_answers.empty()) {
    return calls;
  }
  const std::string lower_prompt = lower_case(prompt.text);
  std::vector<const Declaration*> chosen;
  for (const Declaration& function : prompt.functions) {
    if (is_allowed(prompt, function.name) && is_asked_for(function.name, lower_prompt)) {
      chosen.push_back(&function);
    }
  }
  if (chosen.empty() && must) {
    const auto first = std::ranges::find_if(prompt.functions, [&](const Declaration& function) {
      return is_allowed(prompt, function.name);
    });
    if (first != prompt.functions.end()) chosen.push_back(&*first);
  }
  const Hints all(prompt.text, seed);
  for (const Declaration* function : chosen) {
    const bool several = chosen.size() == 1 && all.names().size() > 1 &&
                         takes_a_name(function->schema) &&
                         (lower_prompt.find(" and ") != std::string::npos ||
                          lower_prompt.find(',') != std::string::npos);
    if (!several) {
      Hints hints = all;
      calls.push_back({.name = function->name, .args = args_of(*function, hints)});
      continue;
    }
    for (const std::string& name : all.names()) {
      Hints hints = all;
      hints.only_name(name);
      calls.push_back({.name = function->name, .args = args_of(*function, hints)});
    }
  }
  if (calls.size() > kMostCalls) calls.resize(kMostCalls);
  return calls;
}

}  // namespace wasat::simulator
