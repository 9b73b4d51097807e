#include "simulator/resources/answers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gemini/resource_names.h"
#include "gemini/resource_path.h"
#include "json/reader.h"
#include "simulator/resources/asked.h"
#include "simulator/resources/batches.h"
#include "simulator/resources/caches.h"
#include "simulator/resources/description.h"
#include "simulator/resources/files.h"
#include "simulator/resources/interactions.h"
#include "simulator/resources/operations.h"
#include "simulator/resources/stores.h"

namespace wasat::simulator {
namespace {

using gemini::ResourceKind;
using gemini::ResourcePath;

Outcome create(const Asked& asked) {
  switch (asked.path.kind) {
    case ResourceKind::kCaches:
      return create_cache(asked);
    case ResourceKind::kStores:
      return create_store(asked);
    case ResourceKind::kOperations:
      return create_video(asked);
    case ResourceKind::kBatches:
      return create_batch(asked);
    case ResourceKind::kInteractions:
      return create_interaction(asked);
    case ResourceKind::kEphemeralTokens: {
      Holding token = asked.made(asked.holdings.new_name("auth_tokens/"));
      token.ends = token.made + 1800;
      return asked.keep(std::move(token));
    }
    default:
      return refuse(denied({}));
  }
}

Outcome use(const Asked& asked, const Holding& own) {
  if (asked.path.kind == ResourceKind::kStores && asked.rest.size() > own.name.size()) {
    return use_in_store(asked, own);
  }
  if (asked.path.removes) {
    asked.holdings.remove(asked.key, own.name);
    return unary("{}");
  }
  if (asked.verb == "download") return download(own);
  if (asked.verb == "cancel" || asked.rest.ends_with("/cancel")) return unary("{}");
  if (asked.verb == "importFile") return import_file(asked, own);
  if (asked.http_method == "PATCH" && asked.path.kind == ResourceKind::kCaches) {
    return prolong_cache(asked, own);
  }
  if (asked.http_method == "GET" && asked.verb.empty()) return unary(json_of(own));
  return refuse(denied({}));
}

// What is done after a while counts how often it was asked for.
bool polls(const Asked& asked) {
  return asked.http_method == "GET" && (asked.path.kind == ResourceKind::kOperations ||
                                        asked.path.kind == ResourceKind::kBatches);
}

}  // namespace

std::optional<Outcome> answer_resource(Holdings& holdings, const ResourceRequest& request) {
  Asked asked{.holdings = holdings,
              .key = request.key,
              .http_method = request.http_method,
              .query = request.target.query,
              .path = gemini::read_resource_path(request.http_method, request.target.path),
              .rest = request.target.path,
              .verb = {},
              .body = {}};
  if (asked.path.kind == ResourceKind::kOther || asked.path.upload) return std::nullopt;
  asked.rest.remove_prefix(std::min(asked.rest.find('/', 1) + 1, asked.rest.size()));
  if (const std::size_t colon = asked.rest.rfind(':'); colon != std::string_view::npos) {
    asked.verb = asked.rest.substr(colon + 1);
    asked.rest = asked.rest.substr(0, colon);
  }
  json::Document document;
  if (request.body.size() > 0) {
    const Result<json::Value> root = document.parse(request.body);
    if (!root || !root->is_object()) {
      return refuse(invalid_argument("Invalid JSON payload received."));
    }
    asked.body = *root;
  }
  switch (asked.path.action) {
    case ResourcePath::Action::kList:
      return list(asked, asked.path.collection, {});
    case ResourcePath::Action::kCreate:
      return create(asked);
    case ResourcePath::Action::kUse:
      break;
  }
  const std::optional<Holding> own = holdings.find(request.key, asked.path.owned, polls(asked));
  return own ? use(asked, *own) : refuse(denied(asked.path.owned));
}

GoogleError refused_names(Holdings& holdings, std::string_view key, PaddedView body,
                          const dialect::native::Target& target) {
  json::Document document;
  const Result<json::Value> root = body.size() > 0 ? document.parse(body) : Result<json::Value>();
  if (!root) return {};
  const bool raw = target.method == gemini::Method::kRaw;
  const ResourceKind kind =
      raw ? gemini::read_resource_path("POST", target.path).kind : ResourceKind::kOther;
  std::vector<std::string> names;
  gemini::collect_resources(*root, kind, names);
  for (const std::string& name : names) {
    if (!holdings.find(key, name)) return denied(name);
  }
  return {};
}

}  // namespace wasat::simulator
