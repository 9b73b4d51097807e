#include "simulator/resource_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <memory>

#include "gemini/model_names.h"
#include "gemini/resource_names.h"
#include "gemini/resource_path.h"
#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/google_json.h"

namespace wasat::simulator {
namespace {

using dialect::native::Framing;
using gemini::ResourceKind;
using gemini::ResourcePath;

constexpr std::string_view kJson = "application/json; charset=UTF-8";
constexpr std::string_view kApi = "https://generativelanguage.googleapis.com/";
constexpr std::size_t kGeneratedBytes = 300'000;

Outcome unary(std::string_view compact) {
  Outcome outcome{.status = 200, .content_type = kJson, .frames = {}, .tail = {}};
  outcome.frames.push_back(pretty(compact));
  return outcome;
}

Outcome refuse(const GoogleError& error) { return refused(error, Framing::kUnary); }

GoogleError denied(std::string_view name) {
  if (name.starts_with("files/")) {
    return google_error(403, "PERMISSION_DENIED",
                        "You do not have permission to access the File " +
                            std::string(name.substr(6)) + " or it may not exist.");
  }
  if (name.starts_with("cachedContents/")) {
    return google_error(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)");
  }
  return google_error(404, "NOT_FOUND", "Requested entity was not found.");
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      return one.substr(name.size() + 1);
    }
  }
  return {};
}

// "60s", "3600.5s": seconds.
std::int64_t duration_of(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Api {
 public:
  Api(Holdings& holdings, const ResourceRequest& request)
      : holdings_(holdings),
        request_(request),
        path_(gemini::read_resource_path(request.http_method, request.target.path)) {
    std::string_view rest = request.target.path;
    rest.remove_prefix(std::min(rest.find('/', 1) + 1, rest.size()));
    const std::size_t colon = rest.rfind(':');
    if (colon != std::string_view::npos) verb_ = rest.substr(colon + 1);
    rest_ = rest.substr(0, colon);
  }

  std::optional<Outcome> run() {
    if (path_.kind == ResourceKind::kOther || path_.upload) return std::nullopt;
    if (request_.body.size() > 0) {
      const Result<json::Value> root = document_.parse(request_.body);
      if (!root || !root->is_object()) {
        return refuse(invalid_argument("Invalid JSON payload received."));
      }
      body_ = *root;
    }
    switch (path_.action) {
      case ResourcePath::Action::kList:
        return list(path_.collection, {});
      case ResourcePath::Action::kCreate:
        return create();
      case ResourcePath::Action::kUse:
        break;
    }
    const std::optional<Holding> own = holdings_.find(request_.key, path_.owned, polls());
    if (!own) return refuse(denied(path_.owned));
    return use(*own);
  }

 private:
  bool polls() const {
    return request_.http_method == "GET" &&
           (path_.kind == ResourceKind::kOperations || path_.kind == ResourceKind::kBatches);
  }

  Holding made(std::string name) const {
    Holding holding;
    holding.name = std::move(name);
    holding.key = request_.key;
    holding.made = now_seconds();
    holding.display_name = field(body_, "displayName").string_or("");
    return holding;
  }

  Outcome create() {
    switch (path_.kind) {
      case ResourceKind::kCaches: {
        Holding cache = made(holdings_.new_name("cachedContents/"));
        cache.ends = cache.made + duration_of(body_["ttl"].string_or(""), 3600);
        json::Writer(cache.json).string(body_["model"].string_or(""));
        return keep(std::move(cache));
      }
      case ResourceKind::kStores:
        return keep(made(holdings_.new_name("fileSearchStores/")));
      case ResourceKind::kOperations: {
        const std::string prefix = std::string(rest_) + "/operations/";
        Holding operation = made(holdings_.new_name(prefix));
        Holding video = made(holdings_.new_name("files/"));
        video.mime_type = "video/mp4";
        video.size = kGeneratedBytes;
        video.generated = true;
        video.ends = video.made + 48 * 3600;
        json::Writer writer(operation.result);
        writer.begin_object()
            .member("@type",
                    "type.googleapis.com/google.ai.generativelanguage.v1beta."
                    "PredictLongRunningResponse")
            .key("generateVideoResponse")
            .begin_object()
            .key("generatedSamples")
            .begin_array()
            .begin_object()
            .key("video")
            .begin_object()
            .member("uri", std::string(kApi) + "v1beta/" + video.name + ":download?alt=media")
            .end_object()
            .end_object()
            .end_array()
            .end_object()
            .end_object();
        holdings_.put(std::move(video));
        return keep(std::move(operation));
      }
      case ResourceKind::kBatches:
        return create_batch();
      case ResourceKind::kInteractions:
        return create_interaction();
      case ResourceKind::kEphemeralTokens: {
        Holding token = made(holdings_.new_name("auth_tokens/"));
        token.ends = token.made + 1800;
        return keep(std::move(token));
      }
      default:
        return refuse(denied({}));
    }
  }

  Outcome create_batch() {
    Holding batch = made(holdings_.new_name("batches/"));
    batch.display_name = field(body_["batch"], "displayName").string_or("");
    const json::Value input = field(body_["batch"], "inputConfig");
    json::Writer writer(batch.result);
    writer.begin_object().member(
        "@type", "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch");
    if (field(input, "fileName")) {
      Holding answers = made(holdings_.new_name("files/batch-"));
      answers.mime_type = "application/jsonl";
      answers.size = 1000;
      answers.generated = true;
      writer.member("responsesFile", answers.name);
      holdings_.put(std::move(answers));
    } else {
      writer.key("inlinedResponses").begin_object().key("inlinedResponses").begin_array();
      for (std::size_t i = 0; i < input["requests"]["requests"].size(); ++i) {
        writer.raw(R"({"response":{"candidates":[{"content":{"parts":[{"text":"Done."}],)"
                   R"("role":"model"},"finishReason":"STOP","index":0}]}})");
      }
      writer.end_array().end_object();
    }
    writer.end_object();
    json::Writer(batch.json).string(gemini::model_resource(gemini::clean_model_name(rest_)));
    return keep(std::move(batch));
  }

  Outcome create_interaction() {
    Holding interaction = made(holdings_.new_name("interactions/v1_"));
    json::Writer writer(interaction.json);
    writer.string(body_["model"].string_or(""));
    const std::string id = interaction.name.substr(interaction.name.find('/') + 1);
    const std::string compact = json_of(interaction);
    const bool kept = body_["store"].boolean().value_or(true);
    if (kept) holdings_.put(std::move(interaction));
    if (!body_["stream"].boolean().value_or(false)) return unary(compact);
    Outcome outcome{.status = 200, .content_type = "text/event-stream", .frames = {}, .tail = {}};
    const auto event = [&outcome](std::string_view name, const std::string& data) {
      outcome.frames.push_back("event: " + std::string(name) + "\ndata: " + data + "\n\n");
    };
    event("interaction.created", R"({"interaction":{"id":")" + id +
                                     R"(","status":"in_progress","object":"interaction"},)"
                                     R"("event_type":"interaction.created"})");
    event("step.start", R"({"index":0,"step":{"type":"model_output"},"event_type":"step.start"})");
    event("step.delta", R"({"index":0,"delta":{"text":"Hello.","type":"text"},)"
                        R"("event_type":"step.delta"})");
    event("step.stop", R"({"index":0,"event_type":"step.stop"})");
    event("interaction.completed",
          R"({"interaction":)" + compact + R"(,"event_type":"interaction.completed"})");
    outcome.frames.push_back("data: [DONE]\n\n");
    return outcome;
  }

  Outcome keep(Holding holding) {
    const std::string compact = json_of(holding);
    holdings_.put(std::move(holding));
    return unary(compact);
  }

  Outcome use(const Holding& own) {
    const std::string_view method = request_.http_method;
    if (path_.kind == ResourceKind::kStores && rest_.size() > own.name.size()) return in_store(own);
    if (path_.removes) {
      holdings_.remove(request_.key, own.name);
      return unary("{}");
    }
    if (verb_ == "download") return download(own);
    if (verb_ == "cancel" || rest_.ends_with("/cancel")) return unary("{}");
    if (verb_ == "importFile") {
      Holding operation = made(holdings_.new_name(own.name + "/operations/"));
      operation.parent = own.name;
      operation.result = "{}";
      return keep(std::move(operation));
    }
    if (method == "PATCH" && path_.kind == ResourceKind::kCaches) {
      Holding cache = own;
      cache.ends = now_seconds() + duration_of(body_["ttl"].string_or(""), 3600);
      return keep(std::move(cache));
    }
    if (method == "GET" && verb_.empty()) return unary(json_of(own));
    return refuse(denied({}));
  }

  // Documents and operations of a store.
  Outcome in_store(const Holding& store) {
    const std::string_view below = rest_.substr(store.name.size() + 1);
    if (below == "documents" && request_.http_method == "GET") {
      return list(store.name + "/documents/", store.name);
    }
    const std::optional<Holding> own = holdings_.find(request_.key, rest_);
    if (!own) return refuse(denied({}));
    if (request_.http_method == "DELETE") {
      holdings_.remove(request_.key, own->name);
      return unary("{}");
    }
    return unary(json_of(*own));
  }

  Outcome list(std::string_view prefix, std::string_view parent) {
    std::size_t size =
        static_cast<std::size_t>(duration_of(parameter(request_.target.query, "pageSize"), 10));
    std::size_t from =
        static_cast<std::size_t>(duration_of(parameter(request_.target.query, "pageToken"), 0));
    const std::vector<Holding> all = holdings_.list(request_.key, prefix, parent);
    std::string_view member = prefix.substr(0, prefix.size() - 1);
    member = member.substr(member.rfind('/') + 1);
    if (member == "batches") member = "operations";
    from = std::min(from, all.size());
    size = std::clamp<std::size_t>(size, 1, 100);
    std::string out;
    json::Writer writer(out);
    writer.begin_object();
    if (from < all.size()) {
      writer.key(member).begin_array();
      for (std::size_t i = from; i < std::min(from + size, all.size()); ++i) {
        writer.raw(json_of(all[i]));
      }
      writer.end_array();
      if (from + size < all.size()) writer.member("nextPageToken", std::to_string(from + size));
    }
    writer.end_object();
    return unary(out);
  }

  static Outcome download(const Holding& file) {
    if (!file.generated) {
      return refuse(invalid_argument("Only generated files can be downloaded."));
    }
    Outcome outcome{
        .status = 200, .content_type = "application/octet-stream", .frames = {}, .tail = {}};
    std::string bytes;
    bytes.reserve(file.size);
    while (bytes.size() < file.size) bytes += static_cast<char>('a' + bytes.size() % 23);
    outcome.frames.push_back(std::move(bytes));
    return outcome;
  }

  std::string json_of(const Holding& holding) const {
    std::string out;
    json::Writer writer(out);
    switch (gemini::kind_of_resource(holding.parent.empty() ? holding.name : holding.parent)) {
      case ResourceKind::kFiles:
        return file_json(holding);
      case ResourceKind::kInteractions:
        writer.begin_object()
            .member("id", std::string_view(holding.name).substr(holding.name.find('/') + 1))
            .member("object", "interaction")
            .member("status", "completed")
            .member_raw("model", holding.json)
            .member_raw("steps", R"([{"type":"model_output","content":[{"text":"Hello.",)"
                                 R"("type":"text"}]}])")
            .end_object();
        return out;
      case ResourceKind::kOperations:
        operation(writer, holding, holding.polls > 1);
        return out;
      case ResourceKind::kBatches: {
        const bool done = holding.polls > 1;
        writer.begin_object().member("name", holding.name).key("metadata").begin_object();
        writer.member_raw("model", holding.json)
            .member("displayName", holding.display_name)
            .member("name", holding.name)
            .member("createTime", time_text(holding.made))
            .member("state", done ? "BATCH_STATE_SUCCEEDED" : "BATCH_STATE_PENDING");
        if (done) writer.member_raw("output", holding.result);
        writer.end_object();
        if (done) writer.member("done", true).member_raw("response", holding.result);
        writer.end_object();
        return out;
      }
      case ResourceKind::kStores:
        if (holding.name.find("/operations/") != std::string::npos) {
          operation(writer, holding, true);
          return out;
        }
        break;
      default:
        break;
    }
    writer.begin_object().member("name", holding.name);
    if (!holding.json.empty()) writer.member_raw("model", holding.json);
    if (!holding.display_name.empty()) writer.member("displayName", holding.display_name);
    writer.member("createTime", time_text(holding.made))
        .member("updateTime", time_text(holding.made));
    if (holding.ends != 0) writer.member("expireTime", time_text(holding.ends));
    if (holding.name.starts_with("cachedContents/")) {
      writer.member_raw("usageMetadata", R"({"totalTokenCount":4096})");
    }
    if (holding.name.find("/documents/") != std::string::npos) {
      writer.member("state", "STATE_ACTIVE").member("mimeType", holding.mime_type);
    }
    writer.end_object();
    return out;
  }

  static void operation(json::Writer& writer, const Holding& holding, bool done) {
    writer.begin_object().member("name", holding.name);
    if (done) writer.member("done", true).member_raw("response", holding.result);
    writer.end_object();
  }

  Holdings& holdings_;
  const ResourceRequest& request_;
  const ResourcePath path_;
  std::string_view rest_;  // without version and verb
  std::string_view verb_;
  json::Document document_;
  json::Value body_;
};

}  // namespace

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string time_text(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string file_json(const Holding& file) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("name", file.name);
  if (!file.display_name.empty()) writer.member("displayName", file.display_name);
  writer.member("mimeType", file.mime_type)
      .member("sizeBytes", std::to_string(file.size))
      .member("createTime", time_text(file.made))
      .member("updateTime", time_text(file.made))
      .member("expirationTime", time_text(file.made + 48 * 3600));
  if (!file.sha256.empty()) writer.member("sha256Hash", file.sha256);
  writer.member("uri", std::string(kApi) + "v1beta/" + file.name).member("state", "ACTIVE");
  writer.member("source", file.generated ? "GENERATED" : "UPLOADED");
  if (file.generated) {
    writer.member("downloadUri", std::string(kApi) + "v1beta/" + file.name + ":download?alt=media");
  }
  writer.end_object();
  return out;
}

std::string finish_upload(Holdings& holdings, const Upload& upload, std::uint64_t size,
                          std::string_view sha256) {
  Holding holding;
  holding.key = upload.key;
  holding.display_name = upload.display_name;
  holding.mime_type = upload.mime_type;
  holding.size = size;
  holding.sha256 = sha256;
  holding.made = now_seconds();
  if (upload.target == "files") {
    holding.name = upload.wanted_name.empty() ? holdings.new_name("files/") : upload.wanted_name;
    holding.ends = holding.made + 48 * 3600;
    std::string out = R"({"file":)" + file_json(holding) + "}";
    return holdings.put(std::move(holding)) ? out : std::string();
  }
  holding.name = holdings.new_name(upload.target + "/documents/");
  holding.parent = upload.target;
  Holding operation;
  operation.name = holdings.new_name(upload.target + "/upload/operations/");
  operation.key = upload.key;
  operation.parent = upload.target;
  operation.made = holding.made;
  operation.result =
      R"({"parent":")" + upload.target + R"(","documentName":")" + holding.name + R"("})";
  std::string out = R"({"name":")" + operation.name + R"("})";
  holdings.put(std::move(holding));
  holdings.put(std::move(operation));
  return out;
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

std::optional<Outcome> answer_resource(Holdings& holdings, const ResourceRequest& request) {
  return Api(holdings, request).run();
}

}  // namespace wasat::simulator
