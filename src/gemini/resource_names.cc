#include "gemini/resource_names.h"

#include <algorithm>
#include <array>

#include "gemini/resource_path.h"

namespace wasat::gemini {
namespace {

// What is data to Google, whatever it looks like. The camelCase and snake_case
// forms of proto3 JSON.
constexpr std::array<std::string_view, 13> kOpaque = {
    "args",
    "arguments",
    "response",
    "parameters",
    "parametersJsonSchema",
    "parameters_json_schema",
    "responseJsonSchema",
    "response_json_schema",
    "responseSchema",
    "response_schema",
    "schema",
    "inlineData",
    "inline_data",
};

class Collector {
 public:
  Collector(ResourceKind asked_of, std::vector<std::string>& names)
      : interactions_(asked_of == ResourceKind::kInteractions),
        imports_(asked_of == ResourceKind::kBatches || asked_of == ResourceKind::kStores ||
                 asked_of == ResourceKind::kTunedModels),
        names_(names) {}

  // Depth is bounded by the reader.
  void visit(json::Value value) {
    const bool object = value.is_object();
    for (const json::Value child : value) {
      if (object && child.is_string()) {
        member(child);
      } else if (object && (child.key() == "fileSearchStoreNames" ||
                            child.key() == "file_search_store_names")) {
        for (const json::Value name : child) add(std::string(name.string_or("")));
      } else if ((child.is_object() || child.is_array()) && !(object && is_opaque(child.key()))) {
        visit(child);
      }
    }
  }

 private:
  static bool is_opaque(std::string_view key) {
    return std::ranges::find(kOpaque, key) != kOpaque.end();
  }

  void member(json::Value value) {
    const std::string_view key = value.key();
    switch (key.empty() ? '\0' : key.front()) {
      case 'f':
        if (key == "fileUri" || key == "file_uri") {
          add(resource_of_uri(text(value)));
        } else if (imports_ && (key == "fileName" || key == "file_name")) {
          add(prefixed("files/", text(value)));
        } else if (key == "fileSearchStoreNames" || key == "file_search_store_names") {
          add(std::string(text(value)));
        }
        return;
      case 'c':
        if (key == "cachedContent" || key == "cached_content") {
          add(prefixed("cachedContents/", text(value)));
        }
        return;
      case 'm':
        if (key == "model" && text(value).starts_with("tunedModels/")) {
          add(std::string(text(value)));
        }
        return;
      case 'p':
        if (key == "previous_interaction_id" || key == "previousInteractionId") {
          add(prefixed("interactions/", text(value)));
        }
        return;
      case 'u':
        if (interactions_ && key == "uri") add(resource_of_uri(text(value)));
        return;
      default:
        return;
    }
  }

  static std::string_view text(json::Value value) { return value.string_or(""); }

  static std::string prefixed(std::string_view prefix, std::string_view name) {
    if (name.empty() || name.contains('/')) return std::string(name);
    return std::string(prefix).append(name);
  }

  void add(std::string name) {
    if (name.empty() || std::ranges::find(names_, name) != names_.end()) return;
    names_.push_back(std::move(name));
  }

  const bool interactions_;
  const bool imports_;
  std::vector<std::string>& names_;
};

}  // namespace

void collect_resources(json::Value body, ResourceKind asked_of, std::vector<std::string>& names) {
  Collector(asked_of, names).visit(body);
}

}  // namespace wasat::gemini
