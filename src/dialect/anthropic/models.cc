#include "dialect/anthropic/models.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/percent.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

// Which part of the list: platform.claude.com/docs/en/api/models-list.
struct Page {
  std::size_t limit = 20;
  std::string before;
  std::string after;
};

constexpr std::size_t kMostModels = 1000;  // of one page; Google's most as well

Error not_understood() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream's list of models cannot be understood.");
}

Result<Page> read_page(std::string_view query) {
  Page page;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::string_view name = pair.substr(0, pair.find('='));
    const std::string_view value = pair.substr(std::min(pair.size(), name.size() + 1));
    if (name == "before_id") page.before = percent_decoded(value);
    if (name == "after_id") page.after = percent_decoded(value);
    if (name != "limit") continue;
    const auto [end, problem] =
        std::from_chars(value.data(), value.data() + value.size(), page.limit);
    if (problem != std::errc() || end != value.data() + value.size() || page.limit < 1 ||
        page.limit > kMostModels) {
      return fail(client_error(ErrorKind::kInvalidRequest,
                               "limit: Input should be between 1 and 1000", "limit"));
    }
  }
  return page;
}

bool can_generate(json::Value model) {
  const json::Value methods = model["supportedGenerationMethods"];
  if (!methods.is_array()) return true;
  for (const json::Value method : methods) {
    if (method.string_or("") == "generateContent") return true;
  }
  return false;
}

void write_supported(json::Writer& writer, std::string_view name, bool supported) {
  writer.key(name).begin_object().member("supported", supported).end_object();
}

void write_capabilities(json::Writer& writer, const gemini::ModelFamily& family) {
  const bool thinks = family.thinking.style != gemini::Thinking::Style::kNone;
  writer.key("capabilities").begin_object();
  write_supported(writer, "batch", false);
  write_supported(writer, "citations", false);
  write_supported(writer, "code_execution", true);
  write_supported(writer, "context_management", false);
  writer.key("effort").begin_object().member("supported", thinks);
  for (const std::string_view level : {"low", "medium", "high", "xhigh", "max"}) {
    write_supported(writer, level, thinks);
  }
  writer.end_object();
  write_supported(writer, "image_input", true);
  write_supported(writer, "pdf_input", true);
  write_supported(writer, "structured_outputs", true);
  writer.key("thinking").begin_object().member("supported", thinks);
  writer.key("types").begin_object();
  write_supported(writer, "adaptive", thinks);
  write_supported(writer, "enabled", thinks);
  writer.end_object().end_object().end_object();
}

void write_limit(json::Writer& writer, std::string_view name, json::Value limit) {
  writer.key(name);
  if (const auto number = limit.integer()) {
    writer.number(*number);
  } else {
    writer.null();
  }
}

void write_model(json::Writer& writer, json::Value model, const std::string& id) {
  writer.begin_object().member("type", "model").member("id", id).key("display_name");
  if (const json::Value title = model["displayName"]; title.is_string()) {
    writer.escaped_string(title.escaped());
  } else {
    writer.string(id);
  }
  // Google does not say when a model was made.
  writer.member("created_at", "1970-01-01T00:00:00Z");
  write_limit(writer, "max_input_tokens", model["inputTokenLimit"]);
  write_limit(writer, "max_tokens", model["outputTokenLimit"]);
  write_capabilities(writer, gemini::model_family(id));
  writer.end_object();
}

std::string id_of(json::Value model) {
  return gemini::clean_model_name(model["name"].string_or(""));
}

class ModelEncoder : public Encoder {
 public:
  std::string_view content_type() const override { return "application/json"; }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) override {
    json::Document document;
    const auto root = document.parse(frame.json);
    if (!root || id_of(*root).empty()) return fail(not_understood());
    tally.content = tally.finished = true;
    json::Writer writer(model_);
    write_model(writer, *root, id_of(*root));
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) override {
    if (model_.empty()) return fail(not_understood());
    out += model_;
    return {};
  }

  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  std::string model_;
};

// Frames are pages of the upstream's list.
class ListEncoder : public Encoder {
 public:
  explicit ListEncoder(Page page) : page_(std::move(page)) {}

  std::string_view content_type() const override { return "application/json"; }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) override {
    json::Document document;
    const auto root = document.parse(frame.json);
    if (!root || !(*root)["models"].is_array()) return fail(not_understood());
    tally.content = tally.finished = true;
    seen_ = true;
    for (const json::Value model : (*root)["models"]) {
      std::string id = id_of(model);
      if (id.empty() || !can_generate(model)) continue;
      std::string text;
      json::Writer writer(text);
      write_model(writer, model, id);
      models_.push_back({std::move(id), std::move(text)});
    }
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) override {
    if (!seen_) return fail(not_understood());
    const auto [begin, end] = chosen();
    json::Writer writer(out);
    writer.begin_object().key("data").begin_array();
    for (std::size_t i = begin; i < end; ++i) writer.raw(models_[i].text);
    writer.end_array();
    const bool more = page_.before.empty() ? end < models_.size() : begin > 0;
    writer.member("has_more", more);
    write_id(writer, "first_id", begin < end ? &models_[begin] : nullptr);
    write_id(writer, "last_id", begin < end ? &models_[end - 1] : nullptr);
    writer.end_object();
    return {};
  }

  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  struct Model {
    std::string id;
    std::string text;
  };

  static void write_id(json::Writer& writer, std::string_view name, const Model* model) {
    writer.key(name);
    if (model == nullptr) {
      writer.null();
    } else {
      writer.string(model->id);
    }
  }

  // From the first to behind the last. A cursor that is not there: the whole list counts.
  std::pair<std::size_t, std::size_t> chosen() const {
    std::size_t begin = 0;
    std::size_t end = models_.size();
    const auto find = [this](const std::string& id) {
      return static_cast<std::size_t>(std::ranges::find(models_, id, &Model::id) - models_.begin());
    };
    if (!page_.after.empty()) {
      const std::size_t found = find(page_.after);
      if (found < end) begin = found + 1;
    }
    if (!page_.before.empty()) {
      end = std::max(begin, find(page_.before));
      if (end - begin > page_.limit) begin = end - page_.limit;
    }
    return {begin, std::min(end, begin + page_.limit)};
  }

  const Page page_;
  bool seen_ = false;
  std::vector<Model> models_;
};

class Models : public Parsed {
 public:
  explicit Models(Page page) : page_(std::move(page)) {}

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings&) override {
    gemini::Call call;
    call.method = model.empty() ? gemini::Method::kListModels : gemini::Method::kGetModel;
    if (model.empty()) {
      call.query = "pageSize=" + std::to_string(kMostModels);
    } else {
      call.model = chosen.name;
    }
    return call;
  }
  std::unique_ptr<Encoder> encoder(const AnswerContext&) override {
    if (model.empty()) return std::make_unique<ListEncoder>(page_);
    return std::make_unique<ModelEncoder>();
  }

 private:
  const Page page_;
};

}  // namespace

Result<std::unique_ptr<Parsed>> parse_models(std::string_view id, std::string_view query) {
  Result<Page> page = read_page(query);
  if (!page) return fail(std::move(page.error()));
  auto parsed = std::make_unique<Models>(std::move(*page));
  parsed->model = gemini::clean_model_name(id);
  return parsed;
}

}  // namespace wasat::dialect::anthropic
