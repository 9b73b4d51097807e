#include "gateway/route.h"

#include <algorithm>
#include <array>

#include "base/percent.h"
#include "base/query.h"

namespace wasat::gateway {
namespace {

using http::ServerRequest;

std::string collapse_slashes(std::string_view path) {
  if (path.find("//") == std::string_view::npos) return std::string(path);
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  return out;
}

// Takes `prefix` off when a whole segment ends there.
bool take(std::string& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  if (path.size() > prefix.size() && path[prefix.size()] != '/') return false;
  path.erase(0, prefix.size());
  if (path.empty()) path = "/";
  return true;
}

bool has_segment(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/' || path[prefix.size()] == ':');
}

// "/api/hello": Claude Code asks whether anybody is there.
constexpr std::array<std::string_view, 7> kStatusPages = {
    "/", "/health", "/stats", "/livez", "/readyz", "/metrics", "/api/hello"};
// Those of the original applet, of CLIProxyAPI's nodes and of AIStudioToAPI's.
constexpr std::array<std::string_view, 3> kRelayDoors = {"/ws", "/v1/ws", "/ws/events"};
// Paths behind /v1 that only Gemini has.
constexpr std::array<std::string_view, 6> kGeminiOnly = {
    "/v1/tunedModels",  "/v1/cachedContents", "/v1/fileSearchStores",
    "/v1/interactions", "/v1/operations",     "/v1/auth_tokens"};
// Paths behind /v1 that Gemini and OpenAI share.
constexpr std::array<std::string_view, 7> kShared = {
    "/v1/models", "/v1/files",        "/v1/batches", "/v1/agents",
    "/v1/voices", "/v1/environments", "/v1/webhooks"};

bool gemini_credentials(const ServerRequest& request) {
  return !request.header("x-goog-api-key").empty() ||
         !request.header("x-goog-api-client").empty() ||
         !query_parameter(request.query, "key").empty() ||
         !query_parameter(request.query, "access_token").empty();
}

// Of OpenAI's paths, without the mount.
Speaks speaks_openai(std::string_view path) {
  constexpr std::array<std::string_view, 4> kMedia = {"/embeddings", "/images", "/audio", "/files"};
  if (has_segment(path, "/responses")) return Speaks::kOpenAiResponses;
  if (std::ranges::any_of(kMedia,
                          [path](std::string_view each) { return has_segment(path, each); })) {
    return Speaks::kOpenAiMedia;
  }
  return Speaks::kOpenAiChat;
}

constexpr std::string_view kLivePath = "/ws/google.ai.generativelanguage.";

// The dialect of a path behind /v1, where they collide.
Speaks speaks_v1(const ServerRequest& request, std::string_view path) {
  if (has_segment(path, "/v1/messages")) return Speaks::kAnthropic;
  if (!request.header("anthropic-version").empty()) return Speaks::kAnthropic;
  const std::string_view last = path.substr(path.rfind('/'));
  if (last.find(':') != std::string_view::npos) return Speaks::kGemini;
  const auto under = [path](std::string_view prefix) { return has_segment(path, prefix); };
  if (std::ranges::any_of(kGeminiOnly, under)) return Speaks::kGemini;
  if (std::ranges::any_of(kShared, under) && gemini_credentials(request)) return Speaks::kGemini;
  if (has_segment(path, "/v1/models") && !request.header("x-api-key").empty() &&
      request.header("authorization").empty()) {
    return Speaks::kAnthropic;
  }
  return speaks_openai(path.substr(3));
}

// Where the pages of AIStudioToAPI knock: ws://host:port?authIndex=0.
bool is_event_door(std::string_view path, std::string_view query) {
  return path == "/" && !query_parameter(query, "authIndex").empty();
}

}  // namespace

std::string query_parameter(std::string_view query, std::string_view name) {
  std::string value(query_value(query, name));
  std::ranges::replace(value, '+', ' ');  // as forms write it
  return percent_decoded(value);
}

bool is_administration(std::string_view path) {
  // Of other gateways: what their operators' scripts call (admin/compat/routes.h).
  constexpr auto kBeginnings = std::to_array<std::string_view>(
      {"/admin/reset-key/", "/v1/management/", "/gemini/v1beta/reset-", "/gemini/v1beta/verify-"});
  constexpr auto kSegments = std::to_array<std::string_view>(
      {"/api/admin", "/api/keys", "/api/stats", "/api/logs", "/v1/keys/list", "/hf/v1/keys/list"});
  return std::ranges::any_of(kBeginnings,
                             [path](std::string_view each) { return path.starts_with(each); }) ||
         std::ranges::any_of(kSegments,
                             [path](std::string_view each) { return has_segment(path, each); });
}

bool is_relay_door(std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string path = collapse_slashes(target.substr(0, question));
  return std::ranges::find(kRelayDoors, path) != kRelayDoors.end() ||
         is_event_door(path, target.substr(std::min(question + 1, target.size())));
}

Route find_route(const ServerRequest& request) {
  Route route{.path = collapse_slashes(request.path)};
  std::string& path = route.path;
  if (is_administration(path)) {
    route.speaks = Speaks::kAdministration;
    return route;
  }
  if (std::ranges::find(kRelayDoors, path) != kRelayDoors.end()) {
    route.speaks = Speaks::kRelay;
    return route;
  }
  if (is_event_door(path, request.query) && !request.header("upgrade").empty()) {
    return {.speaks = Speaks::kRelay, .path = "/ws/events"};
  }
  if (std::ranges::find(kStatusPages, path) != kStatusPages.end()) {
    route.speaks = Speaks::kStatusPage;
    return route;
  }
  if (path == "/api/cron/health-check") {
    route.speaks = Speaks::kHealthCheck;
    return route;
  }
  if (constexpr std::string_view kMedia = "/media/"; path.starts_with(kMedia)) {
    path.erase(0, kMedia.size());
    route.speaks = Speaks::kMedia;
    return route;
  }
  if (has_segment(path, "/applet")) {
    path.erase(0, std::string_view("/applet/").size());
    route.speaks = Speaks::kApplet;
    return route;
  }
  if ((path.starts_with("/gemini/v1") || path.starts_with("/gemini/upload/v1")) &&
      take(path, "/gemini")) {
    route.speaks = Speaks::kGemini;
    return route;
  }
  if (path.starts_with("/gemini/ws/")) take(path, "/gemini");
  if (path.starts_with(kLivePath)) {
    route.speaks = Speaks::kLive;
    return route;
  }
  if (take(path, "/openai/v1") || take(path, "/v1beta/openai") || take(path, "/hf/v1")) {
    route.speaks = speaks_openai(path);
    return route;
  }
  if (take(path, "/anthropic/v1") || take(path, "/anthropic")) {
    route.speaks = Speaks::kAnthropic;
    return route;
  }
  // A base URL that ends in /v1, given to a client that adds /v1 itself.
  if (has_segment(path, "/v1/v1")) path.erase(0, 3);
  if (has_segment(path, "/v1beta") || has_segment(path, "/v1alpha") ||
      path.starts_with("/upload/v1") || path.starts_with("/download/v1") ||
      has_segment(path, "/models") || has_segment(path, "/tunedModels")) {
    route.speaks = Speaks::kGemini;
    return route;
  }
  if (has_segment(path, "/v1")) {
    route.speaks = speaks_v1(request, path);
    if (route.speaks != Speaks::kGemini) take(path, "/v1");
    return route;
  }
  // A base URL without /v1.
  if (has_segment(path, "/messages")) {
    route.speaks = Speaks::kAnthropic;
  } else if (has_segment(path, "/chat/completions") || speaks_openai(path) != Speaks::kOpenAiChat) {
    route.speaks = speaks_openai(path);
  }
  return route;
}

Speaks speaks_by_path(std::string_view target) {
  const std::string path = collapse_slashes(target);
  if (path.find("/messages") != std::string::npos || path.starts_with("/anthropic")) {
    return Speaks::kAnthropic;
  }
  if (path.find("/chat/completions") != std::string::npos || path.starts_with("/openai/")) {
    return Speaks::kOpenAiChat;
  }
  for (std::string_view rest = path; !rest.empty();) {
    if (const Speaks speaks = speaks_openai(rest);
        speaks == Speaks::kOpenAiResponses ||
        (speaks == Speaks::kOpenAiMedia && !rest.starts_with("/files"))) {
      return speaks;
    }
    const std::size_t next = rest.find('/', 1);
    rest = next == std::string_view::npos ? std::string_view() : rest.substr(next);
  }
  return Speaks::kGemini;
}

}  // namespace wasat::gateway
