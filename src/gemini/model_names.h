// The names that clients give models, and the names that Google knows.
//
// Clients write "models/x", "google/x" or the name of a model that Google has
// retired. ModelAliases is made once from the configuration and is immutable
// afterwards; any thread.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::gemini {

// Percent escapes undone, and the prefixes "models/", "google/", "gemini/" and
// "publishers/google/models/" taken off. "tunedModels/x" keeps its prefix.
std::string clean_model_name(std::string_view name);

// Whether the name can stand in an upstream path as it is: letters, digits, '-',
// '.', '_', optionally behind "tunedModels/".
bool is_model_name(std::string_view name);

// "models/gemini-2.5-flash", "tunedModels/x": the name as it stands in bodies and paths.
std::string model_resource(std::string_view model);

struct ModelAlias {
  std::string pattern;  // a glob over clean names
  std::string target;   // empty: the name stays as it is
};

class ModelAliases {
 public:
  // The operator's rows come before the built-in ones; the first match counts.
  explicit ModelAliases(std::vector<ModelAlias> rows = {});
  ModelAliases(const ModelAliases&) = delete;
  ModelAliases& operator=(const ModelAliases&) = delete;

  // What to ask Google for. One step: a target is not looked up again. The view
  // lives as long as `model` and this object.
  std::string_view resolve(std::string_view model) const;

  // Whether one of the operator's rows is for this very name, without a star.
  bool names(std::string_view model) const;

  std::span<const ModelAlias> rows() const { return rows_; }

 private:
  std::vector<ModelAlias> rows_;
  std::size_t own_;                         // so many are the operator's
  std::vector<std::string_view> prefixes_;  // of each row's pattern, up to its first star
};

struct BuiltinAlias {
  std::string_view pattern;
  std::string_view target;
};
std::span<const BuiltinAlias> builtin_aliases();

}  // namespace wasat::gemini
