#include "gemini/model_names.h"

#include <algorithm>
#include <array>

#include "base/percent.h"
#include "gemini/model_table.h"

namespace wasat::gemini {
namespace {

// First the models that Google has switched off, and what took their place.
// Embedding models are left out on purpose: vectors of another model cannot be
// compared with those that a client has stored, so a clear 404 is better.
constexpr std::array kBuiltin = {
    // Still there, though the patterns below would take them.
    BuiltinAlias{"gemini-2.5-*-preview-tts", ""},
    BuiltinAlias{"gemini-2.5-flash-image-preview", "gemini-2.5-flash-image"},
    BuiltinAlias{"gemini-2.5-flash-preview-image", "gemini-2.5-flash-image"},
    BuiltinAlias{"gemini-2.5-flash-lite-preview-*", "gemini-2.5-flash-lite"},
    BuiltinAlias{"gemini-2.5-flash-preview-native-audio*", ""},
    BuiltinAlias{"gemini-2.5-flash-preview-*", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-2.5-pro-preview-*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-2.5-pro-exp-*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-2.0-flash-exp-image-generation", "gemini-2.5-flash-image"},
    BuiltinAlias{"gemini-2.0-flash-preview-image-generation", "gemini-2.5-flash-image"},
    BuiltinAlias{"gemini-2.0-flash-lite-preview*", "gemini-2.5-flash-lite"},
    BuiltinAlias{"gemini-2.0-flash-thinking*", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-2.0-flash-exp*", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-2.0-pro-exp*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-exp-*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-1.5-flash-8b*", "gemini-2.5-flash-lite"},
    BuiltinAlias{"gemini-1.5-flash*", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-1.5-pro*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-1.0-ultra*", "gemini-2.5-pro"},
    BuiltinAlias{"gemini-1.0-pro*", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-pro-vision", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-pro", "gemini-2.5-flash"},
    BuiltinAlias{"gemini-ultra", "gemini-2.5-pro"},
    BuiltinAlias{"learnlm-*", "gemini-2.5-flash"},
    // Names that clients of other vendors bring along. Google moves the -latest names
    // on by itself, so that these rows do not age: the large ones go to the newest pro,
    // the small and quick ones to the newest flash. What those clients call media models
    // is left to the dialect that knows them.
    BuiltinAlias{"claude-*haiku*", "gemini-flash-latest"},
    BuiltinAlias{"claude-instant*", "gemini-flash-latest"},
    BuiltinAlias{"claude-*", "gemini-pro-latest"},
    BuiltinAlias{"gpt-image*", ""},
    BuiltinAlias{"gpt-*-tts*", ""},
    BuiltinAlias{"gpt-*-transcribe*", ""},
    BuiltinAlias{"gpt-audio*", ""},
    BuiltinAlias{"gpt-realtime*", ""},
    BuiltinAlias{"gpt-oss*", ""},
    BuiltinAlias{"gpt-3.5*", "gemini-flash-latest"},
    BuiltinAlias{"gpt-*mini*", "gemini-flash-latest"},
    BuiltinAlias{"gpt-*nano*", "gemini-flash-latest"},
    BuiltinAlias{"gpt-*", "gemini-pro-latest"},
    BuiltinAlias{"chatgpt-image*", ""},
    BuiltinAlias{"chatgpt-*", "gemini-pro-latest"},
    BuiltinAlias{"codex-mini*", "gemini-flash-latest"},
    BuiltinAlias{"codex-*", "gemini-pro-latest"},
    BuiltinAlias{"o1-mini*", "gemini-flash-latest"},
    BuiltinAlias{"o3-mini*", "gemini-flash-latest"},
    BuiltinAlias{"o4-mini*", "gemini-flash-latest"},
    BuiltinAlias{"o1*", "gemini-pro-latest"},
    BuiltinAlias{"o3*", "gemini-pro-latest"},
    BuiltinAlias{"o4*", "gemini-pro-latest"},
};

constexpr std::array<std::string_view, 4> kPrefixes = {"publishers/google/models/", "models/",
                                                       "google/", "gemini/"};

}  // namespace

std::string clean_model_name(std::string_view name) {
  std::string clean =
      name.find('%') == std::string_view::npos ? std::string(name) : percent_decoded(name);
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view prefix : kPrefixes) {
      if (clean.size() > prefix.size() && clean.starts_with(prefix)) {
        clean.erase(0, prefix.size());
        found = true;
      }
    }
  }
  return clean;
}

bool is_model_name(std::string_view name) {
  if (constexpr std::string_view kTuned = "tunedModels/"; name.starts_with(kTuned)) {
    name.remove_prefix(kTuned.size());
  }
  if (name.empty() || name.size() > 128 || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

std::string model_resource(std::string_view model) {
  if (model.starts_with("tunedModels/")) return std::string(model);
  return std::string("models/").append(model);
}

ModelAliases::ModelAliases(std::vector<ModelAlias> rows)
    : rows_(std::move(rows)), own_(rows_.size()) {
  rows_.reserve(rows_.size() + kBuiltin.size());
  for (const BuiltinAlias& row : kBuiltin) {
    rows_.push_back({std::string(row.pattern), std::string(row.target)});
  }
  for (const ModelAlias& row : rows_) {
    prefixes_.push_back(std::string_view(row.pattern).substr(0, row.pattern.find('*')));
  }
}

bool ModelAliases::names(std::string_view model) const {
  return std::any_of(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(own_),
                     [model](const ModelAlias& row) { return row.pattern == model; });
}

std::string_view ModelAliases::resolve(std::string_view model) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    // Most rows differ in the last character before their star.
    const std::string_view prefix = prefixes_[i];
    if (model.size() < prefix.size()) continue;
    if (!prefix.empty() && model[prefix.size() - 1] != prefix.back()) continue;
    if (!model.starts_with(prefix) || !glob_matches(rows_[i].pattern, model)) continue;
    return rows_[i].target.empty() ? model : std::string_view(rows_[i].target);
  }
  return model;
}

std::span<const BuiltinAlias> builtin_aliases() { return kBuiltin; }

}  // namespace wasat::gemini
