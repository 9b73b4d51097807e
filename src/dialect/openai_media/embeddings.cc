#include "dialect/openai_media/embeddings.h"

#include "dialect/fields.h"
#include "dialect/openai_media/embeddings_encoder.h"
#include "dialect/openai_media/input.h"
#include "dialect/openai_media/tables.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::size_t kMaxInputs = 2048;  // platform.openai.com/docs/api-reference/embeddings
constexpr std::int64_t kMaxDimensions = 16384;

// Gemini tells no token counts for its older models: a token is about four
// letters of ASCII, or one character of anything else.
std::int64_t estimated_tokens(std::string_view text) {
  std::int64_t ascii = 0;
  std::int64_t others = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ascii += byte < 0x80 ? 1 : 0;
    others += byte >= 0xC0 ? 1 : 0;
  }
  return (ascii + 3) / 4 + others;
}

Error tokens_refused() {
  return client_error(
      ErrorKind::kUnsupported,
      "'input' holds token numbers of an OpenAI tokenizer, which mean nothing to Gemini. Send the "
      "text itself as a string or an array of strings (LangChain's OpenAIEmbeddings: set "
      "check_embedding_ctx_length=False).",
      "input");
}

class Embeddings : public Parsed {
 public:
  static Result<std::unique_ptr<Parsed>> read(Input input);

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings&) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override {
    return make_embeddings_encoder({.now = context.created,
                                    .model_label = model_label_,
                                    .inputs = inputs_.size(),
                                    .base64 = base64_,
                                    .shortened = shortened_,
                                    .estimated_tokens = estimated_tokens_});
  }

 private:
  Result<> read_inputs(json::Value value);
  Result<> add(json::Value text, std::string path);
  gemini::Call batch(std::string_view upstream_model, std::size_t begin) const;

  std::shared_ptr<Source> source_;
  std::string model_label_;
  std::vector<json::Value> inputs_;
  std::optional<std::int64_t> dimensions_;
  std::string task_type_;
  std::string title_;
  bool base64_ = false;
  bool shortened_ = false;  // fewer numbers than the model has
  std::int64_t estimated_tokens_ = 0;
};

Result<std::unique_ptr<Parsed>> Embeddings::read(Input input) {
  auto parsed = std::make_unique<Embeddings>();
  parsed->source_ = input.source();
  parsed->model_label_ = input.text("model").value_or("");
  parsed->model = gemini::clean_model_name(parsed->model_label_);
  if (parsed->model.empty()) parsed->model = gemini_model(Task::kEmbedding, "");
  if (parsed->model_label_.empty()) parsed->model_label_ = parsed->model;
  parsed->dimensions_ = input.integer("dimensions", 1, kMaxDimensions);
  const std::string encoding = input.text("encoding_format").value_or("float");
  if (encoding != "float" && encoding != "base64") {
    input.wrong("'encoding_format' must be 'float' or 'base64'.", "encoding_format");
  }
  parsed->base64_ = encoding == "base64";
  // Gemini's own, which OpenAI has not.
  parsed->task_type_ = input.text("task_type").value_or("");
  parsed->title_ = input.text("title").value_or("");
  if (input.problem()) return fail(*input.problem());
  if (Result<> inputs = parsed->read_inputs(input.json("input")); !inputs) {
    return fail(std::move(inputs.error()));
  }
  return parsed;
}

Result<> Embeddings::read_inputs(json::Value value) {
  if (!value || value.is_null()) return fail(missing("input"));
  if (value.is_string()) return add(value, "input");
  if (!value.is_array()) return fail(wrong_type("input", "a string or an array of strings", value));
  if (value.size() == 0 || value.size() > kMaxInputs) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "'input' must hold from 1 to " + std::to_string(kMaxInputs) +
                                 " texts, but holds " + std::to_string(value.size()) + ".",
                             "input"));
  }
  inputs_.reserve(value.size());
  std::size_t index = 0;
  for (const json::Value each : value) {
    if (each.is_number() || each.is_array()) return fail(tokens_refused());
    if (Result<> added = add(each, "input[" + std::to_string(index++) + "]"); !added) return added;
  }
  return {};
}

Result<> Embeddings::add(json::Value text, std::string path) {
  if (!text.is_string()) return fail(wrong_type(std::move(path), "a string", text));
  if (text.escaped().empty()) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "'" + path + "' is empty; there is nothing to embed.", path));
  }
  estimated_tokens_ += estimated_tokens(text.escaped());
  inputs_.push_back(text);
  return {};
}

Result<gemini::Call> Embeddings::lower(const ChosenModel& chosen, const Findings&) {
  const std::string_view upstream_model = gemini_model(Task::kEmbedding, chosen.name);
  const int full_size = gemini::model_family(upstream_model).embedding_size;
  // The width that callers of OpenAI's own models count on.
  if (!dimensions_) dimensions_ = openai_dimensions(model);
  shortened_ = dimensions_ && *dimensions_ < full_size;
  gemini::Call call = batch(upstream_model, 0);
  for (std::size_t at = kEmbeddingsPerCall; at < inputs_.size(); at += kEmbeddingsPerCall) {
    call.more.push_back(batch(upstream_model, at));
  }
  return call;
}

gemini::Call Embeddings::batch(std::string_view upstream_model, std::size_t begin) const {
  std::string text;
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object().key("requests").begin_array();
  const std::size_t end = std::min(inputs_.size(), begin + kEmbeddingsPerCall);
  for (std::size_t i = begin; i < end; ++i) {
    writer.begin_object().member("model", gemini::model_resource(upstream_model));
    writer.key("content").begin_object().key("parts").begin_array().begin_object();
    writer.key("text").escaped_string(inputs_[i].escaped());
    writer.end_object().end_array().end_object();
    if (dimensions_) writer.member("outputDimensionality", *dimensions_);
    if (!task_type_.empty()) writer.member("taskType", task_type_);
    if (!title_.empty()) writer.member("title", title_);
    writer.end_object();
  }
  writer.end_array().end_object();
  gemini::Call call;
  call.method = gemini::Method::kBatchEmbedContents;
  call.model = upstream_model;
  call.body = json::to_body(std::move(text), splices, source_);
  return call;
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_embeddings(const Request& request) {
  Result<Input> input = Input::read(request);
  if (!input) return fail(std::move(input.error()));
  return Embeddings::read(std::move(*input));
}

}  // namespace wasat::dialect::openai_media
