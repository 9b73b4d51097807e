#include "node/target.h"

#include <algorithm>
#include <array>

#include "base/percent.h"
#include "base/query.h"

namespace wasat::node {
namespace {

constexpr std::size_t kMostName = 200;
constexpr auto kVersions = std::to_array<std::string_view>({"/v1beta/", "/v1alpha/", "/v1/"});
constexpr auto kKinds = std::to_array<std::string_view>({"models", "tunedModels"});
constexpr std::string_view kStream = "streamGenerateContent";
constexpr auto kActions = std::to_array<std::string_view>(
    {"generateContent", kStream, "countTokens", "embedContent", "batchEmbedContents"});

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && text.front() != '.' &&
         std::ranges::all_of(text, is_plain);
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

// The version with its slashes, cut off the front of `path`; empty: there is none.
std::string_view take_version(std::string_view& path) {
  const std::size_t at = path.find(kVersions.front());
  if (at != std::string_view::npos) path.remove_prefix(at);
  for (const std::string_view version : kVersions) {
    if (!path.starts_with(version)) continue;
    path.remove_prefix(version.size());
    return version;
  }
  return {};
}

std::optional<Target> read_list(std::string_view version, std::string_view kind,
                                std::string_view query) {
  Target target{.method = "GET", .path = std::string(version).append(kind)};
  const std::string_view size = query_value(query, "pageSize");
  const std::string_view token = query_value(query, "pageToken");
  target.all_pages = size.empty() && token.empty();
  const auto add = [&target](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target.path += target.path.contains('?') ? '&' : '?';
    target.path.append(name).append("=");
    append_encoded(target.path, percent_decoded(value));
  };
  add("pageSize", size);
  add("pageToken", token);
  return target;
}

}  // namespace

std::optional<Target> read_target(std::string_view method, std::string_view path) {
  std::string_view query;
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    query = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  const std::string_view version = take_version(path);
  if (version.empty()) return std::nullopt;
  const std::size_t slash = path.find('/');
  const std::string_view kind = path.substr(0, slash);
  if (std::ranges::find(kKinds, kind) == kKinds.end()) return std::nullopt;
  const bool get = method == "GET";
  if (!get && method != "POST" && !method.empty()) return std::nullopt;
  if (slash == std::string_view::npos) {
    return get ? read_list(version, kind, query) : std::nullopt;
  }
  std::string_view name = path.substr(slash + 1);
  std::string_view action;
  if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    action = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  if (!is_name(name)) return std::nullopt;
  Target target{.method = get ? "GET" : "POST",
                .path = std::string(version).append(kind).append("/").append(name)};
  if (get) return action.empty() ? std::optional(std::move(target)) : std::nullopt;
  if (std::ranges::find(kActions, action) == kActions.end()) return std::nullopt;
  target.path.append(":").append(action);
  target.stream = action == kStream;
  if (target.stream) target.path += "?alt=sse";
  return target;
}

std::string page_path(const Target& target, std::string_view token) {
  std::string path = target.path + "?pageSize=1000";
  if (token.empty()) return path;
  path += "&pageToken=";
  append_encoded(path, token);
  return path;
}

}  // namespace wasat::node
