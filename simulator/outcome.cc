#include "simulator/outcome.h"

#include <charconv>

#include "base/query.h"
#include "json/reader.h"
#include "json/writer.h"
#include "simulator/chunks.h"
#include "simulator/embeddings.h"
#include "simulator/field_check.h"
#include "simulator/fields.h"
#include "simulator/google_json.h"
#include "simulator/models.h"
#include "simulator/prompt.h"
#include "simulator/prompt_check.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

using dialect::native::Framing;
using dialect::native::Target;
using gemini::Method;

constexpr std::string_view kJson = "application/json; charset=UTF-8";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::string_view kPage = "text/html; charset=UTF-8";
constexpr std::int64_t kMostDimensions = 3072;

Outcome unary(std::string_view compact) {
  Outcome outcome{.status = 200, .content_type = kJson, .frames = {}, .tail = {}};
  outcome.frames.push_back(pretty(compact));
  return outcome;
}

Outcome stream(const std::vector<std::string>& chunks, Framing framing) {
  Outcome outcome{.status = 200,
                  .content_type = framing == Framing::kSse ? kEvents : kJson,
                  .frames = {},
                  .tail = framing == Framing::kArray ? "]" : ""};
  outcome.frames.reserve(chunks.size());
  for (const std::string& chunk : chunks) {
    outcome.frames.push_back(framed(chunk, framing, outcome.frames.empty()));
  }
  return outcome;
}

GoogleError not_found() {
  return google_error(404, "NOT_FOUND", "Requested entity was not found.");
}

class Responder {
 public:
  Responder(const Target& target, json::Value body, std::uint64_t seed, std::optional<Fault> fault,
            const Script* script, int cached_tokens)
      : target_(target),
        body_(body),
        seed_(seed),
        fault_(fault),
        script_(script),
        cached_tokens_(cached_tokens),
        model_(find_model(target.model)) {}

  Outcome respond() {
    const bool vectors =
        target_.method == Method::kEmbedContent || target_.method == Method::kBatchEmbedContents;
    const bool generates = target_.method == Method::kGenerateContent ||
                           target_.method == Method::kStreamGenerateContent;
    const bool serves =
        model_ != nullptr && (vectors ? model_->serves == Model::Serves::kVectors
                                      : !generates || model_->serves != Model::Serves::kVectors);
    if (!serves) {
      return refuse(
          unknown_model(target_.model, target_.version, gemini::method_name(target_.method)));
    }
    if (target_.method == Method::kCountTokens) return count_tokens();
    if (target_.method == Method::kEmbedContent) return embed();
    if (target_.method == Method::kBatchEmbedContents) return batch_embed();
    return generate();
  }

 private:
  Outcome refuse(const GoogleError& error) const { return refused(error, target_.framing); }

  const gemini::ModelFamily& family() const {
    return gemini::model_family(target_.model.starts_with("gemini-sim-") ? model_->name
                                                                         : target_.model);
  }

  Outcome generate() {
    if (const auto error = check_fields(body_, Message::kGenerateRequest)) return refuse(*error);
    if (const auto error = check_prompt(body_, family())) return refuse(*error);
    const Prompt prompt = read_prompt(body_, *model_, target_.model);
    if (prompt.tokens() > model_->input_limit) {
      return refuse(invalid_argument("The input token count (" + std::to_string(prompt.tokens()) +
                                     ") exceeds the maximum number of tokens allowed (" +
                                     std::to_string(model_->input_limit) + ")."));
    }
    std::vector<Answer> answers;
    if (script_ != nullptr) {
      Script::Scripted scripted = script_->answer(body_, prompt);
      if (scripted.error.code != 0) return refuse(scripted.error);
      if (scripted.answer) answers.push_back(*std::move(scripted.answer));
    }
    const int ordinary = answers.empty() ? prompt.candidates : 0;
    for (int i = 0; i < ordinary; ++i) {
      answers.push_back(make_answer(prompt, seed_, i));
    }
    for (Answer& answer : answers) {
      if (answer.cached_tokens == 0) {
        answer.cached_tokens = std::min(cached_tokens_, prompt.text_tokens);
      }
    }
    if (fault_) {
      for (Answer& answer : answers) befall(answer, *fault_);
    }
    if (target_.method == Method::kGenerateContent) {
      return unary(unary_response(prompt, answers, target_.model, seed_));
    }
    return stream(stream_responses(prompt, answers, target_.model, seed_), target_.framing);
  }

  Outcome count_tokens() {
    if (const auto error = check_fields(body_, Message::kCountRequest)) return refuse(*error);
    const json::Value inner = field(body_, "generateContentRequest");
    const json::Value request = inner ? inner : body_;
    if (field(request, "contents").size() == 0) {
      return refuse(invalid_argument("* CountTokensRequest.contents: contents is not specified\n"));
    }
    const Prompt prompt = read_prompt(request, *model_, target_.model);
    std::string out;
    json::Writer writer(out);
    writer.begin_object().member("totalTokens", prompt.tokens());
    writer.key("promptTokensDetails").begin_array();
    for (const auto& [modality, tokens] : {std::pair{"TEXT", prompt.text_tokens},
                                           {"IMAGE", prompt.image_tokens},
                                           {"AUDIO", prompt.audio_tokens}}) {
      if (tokens == 0) continue;
      writer.begin_object().member("modality", modality).member("tokenCount", tokens).end_object();
    }
    writer.end_array().end_object();
    return unary(out);
  }

  // The text of a request's content; what is no text counts by its bytes.
  static std::string text_of(json::Value request) {
    std::string text;
    each(field(field(request, "content"), "parts"), [&text](json::Value part) {
      if (!text.empty()) text += ' ';
      text += field(part, "text").string_or(part.raw());
    });
    return text;
  }

  std::optional<GoogleError> write_embedding(json::Writer& writer, json::Value request) {
    const std::string text = text_of(request);
    if (text.empty()) {
      return invalid_argument("* EmbedContentRequest.content: content is empty\n");
    }
    const std::int64_t dimensions =
        field(request, "outputDimensionality").integer().value_or(kMostDimensions);
    if (dimensions < 1 || dimensions > kMostDimensions) {
      return invalid_argument("output_dimensionality must be between 1 and 3072.");
    }
    tokens_ += token_count(text);
    writer.begin_object().key("values").begin_array();
    // The same for all requests of a seed, or texts could not be compared.
    for (const float value : embedding(text, static_cast<std::size_t>(dimensions), 0)) {
      char digits[32];
      const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
      writer.raw({digits, static_cast<std::size_t>(end - digits)});
    }
    writer.end_array().end_object();
    return std::nullopt;
  }

  void write_embedding_usage(json::Writer& writer) const {
    if (target_.model != "gemini-embedding-2") return;
    writer.key("usageMetadata").begin_object().member("promptTokenCount", tokens_);
    writer.key("promptTokenDetails").begin_array();
    writer.begin_object().member("modality", "TEXT").member("tokenCount", tokens_).end_object();
    writer.end_array().end_object();
  }

  Outcome embed() {
    if (const auto error = check_fields(body_, Message::kEmbedRequest)) return refuse(*error);
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("embedding");
    if (const auto error = write_embedding(writer, body_)) return refuse(*error);
    write_embedding_usage(writer);
    writer.end_object();
    return unary(out);
  }

  Outcome batch_embed() {
    if (const auto error = check_fields(body_, Message::kBatchEmbedRequest)) return refuse(*error);
    const json::Value requests = field(body_, "requests");
    if (requests.size() == 0 || requests.size() > 100) {
      return refuse(invalid_argument(
          "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n"));
    }
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("embeddings").begin_array();
    for (const json::Value request : requests) {
      if (field(request, "model").string_or("") != "models/" + target_.model) {
        return refuse(invalid_argument(
            "* BatchEmbedContentsRequest.requests[].model: must match the model in the URL\n"));
      }
      if (const auto error = write_embedding(writer, request)) return refuse(*error);
    }
    writer.end_array();
    write_embedding_usage(writer);
    writer.end_object();
    return unary(out);
  }

  const Target& target_;
  json::Value body_;
  const std::uint64_t seed_;
  const std::optional<Fault> fault_;
  const Script* script_;
  const int cached_tokens_;
  const Model* model_;
  int tokens_ = 0;
};

Outcome without_body(const Target& target) {
  if (target.method == Method::kListModels) {
    const ModelPage page =
        list_models(query_value(target.query, "pageSize"), query_value(target.query, "pageToken"));
    return page.ok ? unary(page.json) : refused(page.error, Framing::kUnary);
  }
  if (target.method == Method::kGetModel) {
    const Model* model = find_model(target.model);
    if (model != nullptr) return unary(model_json(*model));
    return refused(unknown_model(target.model, target.version, "GetModel"), Framing::kUnary);
  }
  return refused(not_found(), Framing::kUnary);
}

}  // namespace

std::size_t Outcome::size() const {
  std::size_t sum = tail.size();
  for (const std::string& frame : frames) sum += frame.size();
  return sum;
}

std::string framed(std::string_view compact, Framing framing, bool first) {
  switch (framing) {
    case Framing::kSse:
      return "data: " + one_line(compact) + "\r\n\r\n";
    case Framing::kArray:
      return (first ? "[" : ",\r\n") + pretty(compact);
    case Framing::kUnary:
      break;
  }
  return pretty(compact);
}

std::string refusal_text(const GoogleError& error, Framing framing) {
  if (error.body.starts_with('<')) return error.body;
  return pretty(framing == Framing::kArray ? "[" + error.body + "]" : error.body);
}

Outcome refused(const GoogleError& error, Framing framing) {
  Outcome outcome{.status = error.code,
                  .content_type = error.body.starts_with('<') ? kPage : kJson,
                  .frames = {},
                  .tail = {}};
  outcome.frames.push_back(refusal_text(error, framing));
  return outcome;
}

Outcome make_outcome(const Target& target, PaddedView body, std::uint64_t seed,
                     std::optional<Fault> fault, const Script* script, int cached_tokens) {
  if (target.method == Method::kRaw || target.method == Method::kListModels ||
      target.method == Method::kGetModel) {
    return without_body(target);
  }
  json::Document document;
  const std::string_view text = body.view();
  const Result<json::Value> root = document.parse(body);
  if (!root || !root->is_object()) {
    return refused(
        invalid_argument("Invalid JSON payload received. " +
                         (root ? std::string("Expected an object.") : root.error().detail)),
        target.framing);
  }
  const std::uint64_t mixed = hash(text, hash(target.model, seed));
  return Responder(target, *root, mixed, fault, script, cached_tokens).respond();
}

}  // namespace wasat::simulator
