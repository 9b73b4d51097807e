#include "admin/router.h"

#include <optional>

#include "base/percent.h"

namespace wasat::admin {
namespace {

std::string_view next_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

// The parameters, when the path fits the pattern.
std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view expected = next_segment(pattern);
    const std::string_view given = next_segment(path);
    if (expected.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      parameters.push_back(percent_decoded(given));
    } else if (expected != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

}  // namespace

Match find_route(std::span<const std::span<const Route>> routes, std::string_view method,
                 std::string_view path) {
  Match match;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (const std::span<const Route> resource : routes) {
    for (const Route& route : resource) {
      std::optional<std::vector<std::string>> parameters = fit(route.path, path);
      if (!parameters) continue;
      if (route.method != method) {
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += route.method;
        continue;
      }
      if (match.route != nullptr && parameters->size() >= match.parameters.size()) continue;
      match.route = &route;
      match.parameters = std::move(*parameters);
    }
  }
  if (match.route != nullptr) match.allowed.clear();
  return match;
}

}  // namespace wasat::admin
