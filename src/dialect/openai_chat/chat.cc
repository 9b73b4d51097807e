#include "dialect/openai_chat/chat.h"

#include "dialect/openai_chat/contents.h"
#include "dialect/openai_chat/generation.h"
#include "dialect/openai_chat/request.h"
#include "dialect/openai_chat/source.h"
#include "dialect/openai_chat/stream_encoder.h"
#include "dialect/openai_chat/tools.h"
#include "dialect/openai_chat/turns.h"
#include "dialect/openai_chat/unary_encoder.h"

namespace wasat::dialect::openai_chat {
namespace {

class Chat : public Parsed {
 public:
  Chat(ChatRequest request, std::shared_ptr<Source> source, const Options& options)
      : request_(std::move(request)),
        source_(std::move(source)),
        names_(std::make_shared<const ToolNames>(request_.tools)),
        options_(options) {
    model = request_.model;
    stream = request_.stream;
  }

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 private:
  void write_system(json::Writer& writer, const Plan& plan, const OutputFormat& spoken);
  void write_rest(json::Writer& writer);
  bool may_search() const;

  const ChatRequest request_;
  const std::shared_ptr<Source> source_;
  const std::shared_ptr<const ToolNames> names_;
  const Options& options_;
};

// `spoken`: an output format that the model must be told in words.
void Chat::write_system(json::Writer& writer, const Plan& plan, const OutputFormat& spoken) {
  if (plan.system.empty() && !spoken.json) return;
  writer.key("systemInstruction").begin_object().key("parts").begin_array();
  for (const Item& item : plan.system) {
    writer.begin_object().key("text").escaped_string(item.value.escaped()).end_object();
  }
  if (spoken.json) {
    std::string text = "Unless you call a function, answer with JSON only, without Markdown";
    if (spoken.schema) {
      text += ", that matches this JSON Schema: ";
      text += spoken.schema.raw();
    } else {
      text += '.';
    }
    writer.begin_object().member("text", text).end_object();
  }
  writer.end_array().end_object();
}

void Chat::write_rest(json::Writer& writer) {
  if (request_.safety_settings) {
    writer.member_raw("safetySettings", request_.safety_settings.raw());
  } else if (!options_.safety_settings.empty()) {
    writer.member_raw("safetySettings", options_.safety_settings);
  }
  if (request_.cached_content) writer.member_raw("cachedContent", request_.cached_content.raw());
  if (!request_.service_tier.empty()) writer.member("serviceTier", request_.service_tier);
}

Result<gemini::Call> Chat::lower(const ChosenModel& chosen, const Findings&) {
  const std::string_view upstream_model = chosen.name;
  const gemini::ModelFamily& family = gemini::model_family(upstream_model);
  Result<Plan> plan = plan_turns(request_, family.third_generation);
  if (!plan) return fail(plan.error());
  Result<ToolPlan> tools = plan_tools(request_, *names_, family);
  if (!tools) return fail(tools.error());
  Result<OutputFormat> format = read_output_format(request_);
  if (!format) return fail(format.error());
  // Up to 2.5 JSON output and tools exclude each other.
  OutputFormat spoken;
  const bool any_tool = !tools->functions.empty() || tools->has_builtin();
  if (!family.third_generation && any_tool) std::swap(spoken, *format);

  std::string text;
  text.reserve(std::min<std::size_t>(source_->bytes->size(), 16384) + 1024);
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object();
  write_system(writer, *plan, spoken);
  ContentsWriter contents(writer, *source_, family, *names_);
  if (Result<> written = contents.write(*plan); !written) return fail(written.error());
  write_tools(writer, *tools, *names_);
  const GenerationOptions generation{.show_thoughts = options_.show_thoughts, .format = *format};
  if (Result<> written = write_generation_config(writer, request_, family, generation); !written) {
    return fail(written.error());
  }
  write_rest(writer);
  writer.end_object();

  gemini::Call call;
  call.method =
      request_.stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
  call.model = upstream_model;
  call.body = json::to_body(std::move(text), splices, source_);
  return call;
}

bool Chat::may_search() const {
  if (request_.web_search) return true;
  for (const json::Value tool : request_.tools) {
    const std::string_view type = tool["type"].string_or("function");
    if (type != "function" && type != "custom") return true;
    if (tool["function"]["name"].string_or("") == "googleSearch") return true;
  }
  return false;
}

std::unique_ptr<Encoder> Chat::encoder(const AnswerContext& context) {
  AnswerShape shape{.context = context,
                    .model_label = std::string(request_.model_label),
                    .include_usage = request_.include_usage,
                    .show_thoughts = options_.show_thoughts && !request_.reasoning.hide,
                    .logprobs = request_.logprobs,
                    .annotations = may_search(),
                    .legacy_functions = request_.legacy_functions};
  if (!names_->trivial()) shape.names = names_;
  if (stream) return std::make_unique<StreamEncoder>(std::move(shape));
  return std::make_unique<UnaryEncoder>(std::move(shape));
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_chat(std::shared_ptr<const Buffer> body,
                                           const Options& options) {
  auto source = std::make_shared<Source>();
  source->bytes = std::move(body);
  const auto root = source->document.parse(source->bytes->padded());
  if (!root) return fail(root.error());
  Result<ChatRequest> request = read_chat_request(*root);
  if (!request) return fail(request.error());
  return std::make_unique<Chat>(std::move(*request), std::move(source), options);
}

}  // namespace wasat::dialect::openai_chat
