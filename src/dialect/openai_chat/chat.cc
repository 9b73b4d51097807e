#include "dialect/openai_chat/chat.h"

#include <algorithm>

#include "dialect/conversation/chosen.h"
#include "dialect/conversation/contents.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "dialect/openai_chat/messages.h"
#include "dialect/openai_chat/request.h"
#include "dialect/openai_chat/stream_encoder.h"
#include "dialect/openai_chat/tools.h"
#include "dialect/openai_chat/unary_encoder.h"

namespace wasat::dialect::openai_chat {
namespace {

class Chat : public Parsed {
 public:
  Chat(std::shared_ptr<Source> source, const Options& options)
      : source_(std::move(source)), options_(options) {}

  Result<> read(json::Value root);
  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 private:
  void write_rest(json::Writer& writer) const;

  const std::shared_ptr<Source> source_;
  const Options& options_;
  ChatRequest request_;
  Conversation conversation_;
  const std::shared_ptr<ToolNames> names_ = std::make_shared<ToolNames>();
  // Of the model that lower() was last called for.
  std::string upstream_model_;
  bool may_search_ = false;
  bool show_thoughts_ = false;
};

Result<> Chat::read(json::Value value) {
  if (!value.is_object()) return fail(wrong_type("body", "an object", value));
  Fields root(value, "");
  Result<ChatRequest> request = read_chat_request(root, options_.show_thoughts);
  if (!request) return fail(request.error());
  request_ = std::move(*request);
  if (Result<> tools = read_tools(root, request_, *names_); !tools) return tools;
  if (Result<> read = read_messages(root, *source_, conversation_); !read) return read;
  model = request_.model;
  stream = request_.stream;
  conversation_.add_needs(needs);
  may_search_ = request_.tools.has_builtin();
  show_thoughts_ = request_.generation.thinking.include_thoughts.value_or(false);
  return {};
}

void Chat::write_rest(json::Writer& writer) const {
  if (request_.safety_settings) {
    writer.member_raw("safetySettings", request_.safety_settings.raw());
  } else if (!options_.safety_settings.empty()) {
    writer.member_raw("safetySettings", options_.safety_settings);
  }
  if (request_.cached_content) writer.member_raw("cachedContent", request_.cached_content.raw());
  if (!request_.service_tier.empty()) writer.member("serviceTier", request_.service_tier);
}

Result<gemini::Call> Chat::lower(const ChosenModel& chosen, const Findings& findings) {
  const gemini::ModelFamily family = family_of(chosen, findings);
  Generation generation = request_.generation;
  ToolPlan tools = request_.tools;
  apply_derived(chosen.derived, generation, tools);
  upstream_model_ = chosen.name;
  may_search_ = tools.has_builtin();
  show_thoughts_ = generation.thinking.include_thoughts.value_or(false);
  if (request_.choices > 1 && family.many_candidates && !request_.stream) {
    generation.candidates = request_.choices;
  }
  const std::string spoken = spoken_format(generation, tools.any(), family);

  std::string text;
  text.reserve(std::min<std::size_t>(source_->bytes->size(), 16384) + 1024);
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object();
  const ContentsContext context{.source = *source_,
                                .family = family,
                                .names = *names_,
                                .findings = findings,
                                .spoken = spoken,
                                .upstream_model = chosen.name};
  if (Result<> written = write_conversation(writer, conversation_, context); !written) {
    return fail(written.error());
  }
  gemini::Call call;
  write_tools(writer, std::move(tools), family, call);
  write_generation_config(writer, generation, family, call);
  write_rest(writer);
  writer.end_object();

  call.method =
      request_.stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
  call.model = chosen.name;
  call.body = json::to_body(std::move(text), splices, source_);
  add_resources(conversation_, call.resources);
  if (request_.cached_content) {
    call.resources.emplace_back(request_.cached_content.string_or(""));
  }
  if (!generation.candidates) call.more.assign(request_.choices - 1, call);
  return call;
}

std::unique_ptr<Encoder> Chat::encoder(const AnswerContext& context) {
  AnswerShape shape{.context = context,
                    .model_label = std::string(request_.model_label),
                    .upstream_model = upstream_model_,
                    .show_thoughts = show_thoughts_,
                    .logprobs = request_.generation.logprobs,
                    .annotations = may_search_,
                    .search_links = options_.search_links,
                    .choices = request_.choices};
  if (!names_->trivial()) shape.names = names_;
  const ChatForm form{.include_usage = request_.include_usage,
                      .legacy_functions = request_.legacy_functions,
                      .audio = request_.audio};
  if (stream) return std::make_unique<StreamEncoder>(std::move(shape), form);
  return std::make_unique<UnaryEncoder>(std::move(shape), form);
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_chat(std::shared_ptr<const Buffer> body,
                                           const Options& options) {
  auto source = std::make_shared<Source>();
  source->bytes = std::move(body);
  const auto root = source->document.parse(source->bytes->padded());
  if (!root) return fail(root.error());
  auto chat = std::make_unique<Chat>(std::move(source), options);
  if (Result<> read = chat->read(*root); !read) return fail(read.error());
  return chat;
}

}  // namespace wasat::dialect::openai_chat
