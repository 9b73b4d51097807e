#include "gemini/resource_path.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/percent.h"
#include "gemini/model_names.h"

namespace wasat::gemini {
namespace {

using Action = ResourcePath::Action;

struct Collection {
  std::string_view segment;
  ResourceKind kind;
};
constexpr auto kCollections = std::to_array<Collection>({
    {"files", ResourceKind::kFiles},
    {"generatedFiles", ResourceKind::kFiles},
    {"cachedContents", ResourceKind::kCaches},
    {"fileSearchStores", ResourceKind::kStores},
    {"batches", ResourceKind::kBatches},
    {"operations", ResourceKind::kOperations},
    {"interactions", ResourceKind::kInteractions},
    {"auth_tokens", ResourceKind::kEphemeralTokens},
    {"authTokens", ResourceKind::kEphemeralTokens},
    {"tunedModels", ResourceKind::kTunedModels},
});

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

// Takes ":verb" off the last segment.
std::string_view take_verb(std::vector<std::string_view>& segments) {
  if (segments.empty()) return {};
  std::string_view& last = segments.back();
  const std::size_t colon = last.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view verb = last.substr(colon + 1);
  last = last.substr(0, colon);
  if (last.empty()) segments.pop_back();
  return verb;
}

std::string join(std::span<const std::string_view> segments) {
  std::string out;
  for (const std::string_view segment : segments) {
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

// Below "models".
void read_models(ResourcePath& found, std::span<const std::string_view> segments,
                 std::string_view verb, bool reads) {
  if (segments.size() >= 3 && segments[2] == "operations") {
    found.kind = ResourceKind::kOperations;
    if (segments.size() == 3) {
      found.action = reads ? Action::kList : Action::kCreate;
      found.collection = join(segments) + "/";
    } else {
      found.owned = join(segments.first(4));
    }
    return;
  }
  if (segments.size() != 2) return;
  if (verb == "predictLongRunning") {
    found.kind = ResourceKind::kOperations;
    found.action = Action::kCreate;
  } else if (verb == "batchGenerateContent" || verb == "asyncBatchEmbedContent") {
    found.kind = ResourceKind::kBatches;
    found.action = Action::kCreate;
  } else if (verb == "predict") {
    found.free = true;
  }
}

}  // namespace

ResourcePath read_resource_path(std::string_view http_method, std::string_view path) {
  ResourcePath found;
  const std::string plain = percent_decoded(path);
  std::vector<std::string_view> all = split(plain);
  std::span<const std::string_view> segments = all;
  const std::string_view verb = take_verb(all);
  segments = all;
  if (!segments.empty() && (segments[0] == "upload" || segments[0] == "download")) {
    found.upload = segments[0] == "upload";
    segments = segments.subspan(1);
  }
  if (!segments.empty() && is_version(segments[0])) segments = segments.subspan(1);
  if (segments.empty()) return found;

  const bool reads = http_method == "GET" || http_method == "HEAD";
  if (segments[0] == "models") {
    read_models(found, segments, verb, reads);
    return found;
  }
  const auto row = std::ranges::find(kCollections, segments[0], &Collection::segment);
  if (row == kCollections.end()) return found;
  found.kind = row->kind;
  if (segments.size() == 1) {
    found.action = reads ? Action::kList : Action::kCreate;
    found.collection = std::string(segments[0]) + "/";
    return found;
  }
  found.owned = join(segments.first(2));
  found.removes = http_method == "DELETE" && segments.size() == 2 && verb.empty();
  return found;
}

ResourceKind kind_of_resource(std::string_view name) {
  const ResourcePath found = read_resource_path("GET", name);
  return found.owned == name && !is_version(name) ? found.kind : ResourceKind::kOther;
}

std::string resource_of_uri(std::string_view uri) {
  constexpr std::string_view kFiles = "files";
  if (uri.empty()) return {};
  std::string_view rest = uri;
  bool googles = true;  // without a scheme it can only be a name of Google's
  if (const std::size_t scheme = uri.find("://"); scheme != std::string_view::npos) {
    const std::string_view name = uri.substr(0, scheme);
    if (name != "http" && name != "https" && name != "HTTP" && name != "HTTPS") return {};
    rest = uri.substr(scheme + 3);
    std::string host(rest.substr(0, rest.find_first_of("/?#\\")));
    std::ranges::transform(host, host.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    host.erase(0, host.rfind('@') + 1);
    host.resize(std::min(host.find(':'), host.size()));
    if (host.ends_with('.')) host.pop_back();
    googles = host.ends_with(".googleapis.com") && host.contains("generativelanguage");
    rest.remove_prefix(std::min(rest.find_first_of("/?#\\"), rest.size()));
  } else if (uri.substr(0, uri.find('/')).contains('.')) {
    googles = false;  // a host
  }
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::string plain = percent_decoded(rest);
  std::vector<std::string_view> segments = split(plain);
  take_verb(segments);
  const std::size_t count = segments.size();
  const bool is_file = count >= 2 && segments[count - 2] == kFiles &&
                       (googles || (count >= 3 && is_version(segments[count - 3])));
  if (is_file) return join(std::span(segments).last(2));
  return googles ? std::string(uri) : std::string();
}

}  // namespace wasat::gemini
