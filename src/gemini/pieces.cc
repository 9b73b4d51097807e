#include "gemini/pieces.h"

#include <algorithm>
#include <charconv>

#include "gemini/model_names.h"
#include "json/reader.h"

namespace wasat::gemini {
namespace {

constexpr std::string_view kModels = "/models/";
constexpr std::int64_t kImages = 4;
constexpr std::int64_t kSeconds = 8;
constexpr std::int64_t kMost = 1000;  // of anything; the API refuses less already

// Numbers are written as strings, too.
std::int64_t count_of(json::Value parameters, std::initializer_list<std::string_view> names,
                      std::int64_t otherwise) {
  for (const std::string_view name : names) {
    const json::Value value = parameters[name];
    std::int64_t count = value.integer().value_or(0);
    if (value.is_string()) {
      const std::string_view digits = value.string_or("");
      std::from_chars(digits.data(), digits.data() + digits.size(), count);
    }
    if (count > 0) return std::min(count, kMost);
  }
  return otherwise;
}

}  // namespace

std::optional<PieceCall> piece_call(const Call& call) {
  if (call.method != Method::kRaw || call.http_method != "POST") return std::nullopt;
  const std::string_view path = call.path;
  const std::size_t at = path.find(kModels);
  const std::size_t colon = path.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) {
    return std::nullopt;
  }
  const std::string_view verb = path.substr(colon + 1);
  if (verb != "predict" && verb != "predictLongRunning") return std::nullopt;
  const std::string_view model = path.substr(at + kModels.size(), colon - at - kModels.size());
  if (!is_model_name(model)) return std::nullopt;
  json::Document document;
  json::Value root;
  std::shared_ptr<Buffer> whole;
  if (!call.body.empty()) {
    whole = Buffer::copy_of(call.body.flatten());
    if (const Result<json::Value> read = document.parse(whole->padded())) root = *read;
  }
  const json::Value parameters = root["parameters"];
  const auto instances =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(root["instances"].size()), 1, kMost);
  PieceCall found{.model = std::string(model)};
  if (verb == "predict") {
    found.method = "predict";
    found.pieces.images =
        instances * count_of(parameters, {"sampleCount", "numberOfImages"}, kImages);
  } else {
    found.method = "predictLongRunning";
    found.pieces.seconds = instances * count_of(parameters, {"sampleCount", "numberOfVideos"}, 1) *
                           count_of(parameters, {"durationSeconds"}, kSeconds);
  }
  return found;
}

}  // namespace wasat::gemini
