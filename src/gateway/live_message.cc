#include "gateway/live_message.h"

#include <cstring>

#include "gemini/resource_names.h"
#include "json/reader.h"

namespace wasat::gateway {
namespace {

// Longer messages are sound and pictures.
constexpr std::size_t kMostSearched = 16 * 1024;
constexpr std::string_view kUsage = "\"usageMetadata\"";
constexpr std::string_view kHandle = "\"newHandle\"";
// Google's are a few hundred.
constexpr std::size_t kMostHandle = 2048;

bool mentions(std::string_view message, std::string_view name) {
  return message.size() <= kMostSearched &&
         ::memmem(message.data(), message.size(), name.data(), name.size()) != nullptr;
}

// The camelCase and snake_case forms of proto3 JSON.
json::Value either(json::Value object, std::string_view one, std::string_view other) {
  const json::Value found = object[one];
  return found ? found : object[other];
}

}  // namespace

Result<LiveSetup> read_live_setup(PaddedView message, const gemini::ModelAliases& aliases) {
  json::Document document;
  const Result<json::Value> root = document.parse(message);
  if (!root) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the first message is not JSON: " + root.error().detail));
  }
  const json::Value setup = (*root)["setup"];
  if (!setup.is_object()) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             R"(the first message must be {"setup":{"model":...}})"));
  }
  const json::Value named = setup["model"];
  LiveSetup result;
  gemini::collect_resources(setup, gemini::ResourceKind::kLive, result.resources);
  result.resumes = either(setup, "sessionResumption", "session_resumption")["handle"].string_or("");
  result.model = gemini::clean_model_name(named.string_or(""));
  const std::string_view text = message.view();
  if (result.model.empty()) {
    // The constraints of an ephemeral token may name it.
    result.message = text;
    return result;
  }
  result.upstream_model = aliases.resolve(result.model);
  if (!gemini::is_model_name(result.upstream_model)) {
    return fail(client_error(ErrorKind::kModelNotFound,
                             "there is no model of this name. GET /v1beta/models lists those "
                             "that exist.",
                             "setup.model"));
  }
  const std::string resource = gemini::model_resource(result.upstream_model);
  const std::string_view raw = named.raw();
  const auto at = static_cast<std::size_t>(raw.data() - text.data());
  result.message.reserve(text.size() + resource.size() + 2);
  result.message.append(text.substr(0, at)).append("\"").append(resource).append("\"");
  result.message.append(text.substr(at + raw.size()));
  return result;
}

bool may_tell_handle(std::string_view message) { return mentions(message, kHandle); }

std::string read_live_handle(PaddedView message) {
  json::Document document;
  const Result<json::Value> root = document.parse(message);
  if (!root) return {};
  const std::string_view handle = (*root)["sessionResumptionUpdate"]["newHandle"].string_or("");
  return handle.size() <= kMostHandle ? std::string(handle) : std::string();
}

std::string live_session_name(std::string_view handle) {
  return std::string("live_sessions/").append(handle);
}

bool may_tell_usage(std::string_view message) { return mentions(message, kUsage); }

gemini::Usage read_live_usage(PaddedView message) {
  json::Document document;
  const Result<json::Value> root = document.parse(message);
  if (!root) return {};
  const json::Value usage = (*root)["usageMetadata"];
  const auto count = [&usage](std::string_view name) { return usage[name].integer().value_or(0); };
  const auto of_kind = [&usage](std::string_view name, std::string_view one,
                                std::string_view other) {
    std::int64_t sum = 0;
    for (const json::Value each : usage[name]) {
      const std::string_view modality = each["modality"].string_or("");
      if (modality == one || modality == other) sum += each["tokenCount"].integer().value_or(0);
    }
    return sum;
  };
  const std::int64_t answer = count("responseTokenCount");
  return {.prompt = count("promptTokenCount"),
          .candidates = answer != 0 ? answer : count("candidatesTokenCount"),
          .thoughts = count("thoughtsTokenCount"),
          .tool_prompt = count("toolUsePromptTokenCount"),
          .cached = count("cachedContentTokenCount"),
          .total = count("totalTokenCount"),
          .audio_prompt = of_kind("promptTokensDetails", "AUDIO", "AUDIO"),
          .media_candidates = of_kind("responseTokensDetails", "AUDIO", "IMAGE")};
}

}  // namespace wasat::gateway
