#include "dialect/openai_chat/models.h"

#include "gemini/model_names.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect::openai_chat {
namespace {

Error not_understood() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream's list of models cannot be understood.");
}

// Google does not say when a model was made.
void write_model(json::Writer& writer, json::Value model, std::string_view name) {
  writer.begin_object().member("id", gemini::clean_model_name(name)).member("object", "model");
  writer.member("created", 0).member("owned_by", "google");
  if (const json::Value title = model["displayName"]; title.is_string()) {
    writer.key("display_name").escaped_string(title.escaped());
  }
  if (const auto limit = model["inputTokenLimit"].integer()) {
    writer.member("context_window", *limit);
  }
  if (const auto limit = model["outputTokenLimit"].integer()) {
    writer.member("max_output_tokens", *limit);
  }
  writer.end_object();
}

// Frames are pages of the list, or the one model.
class ModelsEncoder : public Encoder {
 public:
  explicit ModelsEncoder(bool list) : list_(list), writer_(models_) {
    if (list_) writer_.begin_object().member("object", "list").key("data").begin_array();
  }

  std::string_view content_type() const override { return "application/json"; }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) override {
    json::Document document;
    const auto root = document.parse(frame.json);
    if (!root) return fail(not_understood());
    tally.content = tally.finished = true;
    seen_ = true;
    if (!list_) return add(*root);
    for (const json::Value model : (*root)["models"]) {
      if (Result<> added = add(model); !added) return added;
    }
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) override {
    if (!seen_) return fail(not_understood());
    if (list_) writer_.end_array().end_object();
    out += models_;
    return {};
  }

  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  Result<> add(json::Value model) {
    const std::string_view name = model["name"].string_or("");
    if (name.empty()) return fail(not_understood());
    write_model(writer_, model, name);
    return {};
  }

  const bool list_;
  bool seen_ = false;
  std::string models_;
  json::Writer writer_;
};

class Models : public Parsed {
 public:
  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings&) override {
    gemini::Call call;
    call.method = model.empty() ? gemini::Method::kListModels : gemini::Method::kGetModel;
    if (!model.empty()) call.model = chosen.name;
    return call;
  }
  std::unique_ptr<Encoder> encoder(const AnswerContext&) override {
    return std::make_unique<ModelsEncoder>(model.empty());
  }
};

}  // namespace

std::unique_ptr<Parsed> parse_models(std::string_view id) {
  auto parsed = std::make_unique<Models>();
  parsed->model = gemini::clean_model_name(id);
  return parsed;
}

}  // namespace wasat::dialect::openai_chat
