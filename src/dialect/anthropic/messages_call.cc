#include "dialect/anthropic/messages_call.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dialect/anthropic/answer_form.h"
#include "dialect/anthropic/messages.h"
#include "dialect/anthropic/request.h"
#include "dialect/anthropic/stream_encoder.h"
#include "dialect/anthropic/token_count.h"
#include "dialect/anthropic/tools.h"
#include "dialect/anthropic/unary_encoder.h"
#include "dialect/conversation/chosen.h"
#include "dialect/conversation/contents.h"
#include "dialect/conversation/source.h"
#include "gemini/model_names.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

class Messages : public Parsed {
 public:
  Messages(Asks asks, MessagesRequest request, std::shared_ptr<Source> source,
           const Options& options)
      : asks_(asks), request_(std::move(request)), source_(std::move(source)), options_(options) {
    model = request_.model;
    stream = request_.stream && asks_ == Asks::kAnswer;
  }

  // Before anything else.
  Result<> read();
  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 private:
  Result<> write_request(json::Writer& writer, const ChosenModel& chosen, const Findings& findings,
                         gemini::Call& call);

  const Asks asks_;
  const MessagesRequest request_;
  const std::shared_ptr<Source> source_;
  Offer offer_;
  const Options& options_;
  Conversation conversation_;
  // Of the model that lower() was last called for.
  std::string upstream_model_;
  bool shows_thoughts_ = false;
};

Result<> Messages::read() {
  std::vector<std::string_view> tools;
  if (Result<> read = read_conversation(request_, *source_, conversation_, tools); !read) {
    return read;
  }
  conversation_.add_needs(needs);
  return read_tools(request_, tools, offer_);
}

Result<> Messages::write_request(json::Writer& writer, const ChosenModel& chosen,
                                 const Findings& findings, gemini::Call& call) {
  static const ToolNames no_names;
  const gemini::ModelFamily family = family_of(chosen, findings);
  Generation generation = request_.generation;
  ToolPlan tools = offer_.plan;
  if (request_.thinks) {
    generation.thinking.include_thoughts = request_.shows_thoughts && options_.show_thoughts;
  }
  apply_derived(chosen.derived, generation, tools);
  shows_thoughts_ = generation.thinking.include_thoughts.value_or(false);
  const std::string spoken = spoken_format(generation, tools.any(), family);
  const ContentsContext context{.source = *source_,
                                .family = family,
                                .names = offer_.names != nullptr ? *offer_.names : no_names,
                                .findings = findings,
                                .spoken = spoken,
                                .upstream_model = chosen.name};
  if (Result<> written = write_conversation(writer, conversation_, context); !written) {
    return written;
  }
  write_tools(writer, std::move(tools), family, call);
  if (asks_ == Asks::kAnswer) write_generation_config(writer, generation, family, call);
  return {};
}

Result<gemini::Call> Messages::lower(const ChosenModel& chosen, const Findings& findings) {
  upstream_model_ = chosen.name;
  gemini::Call call;
  std::string text;
  text.reserve(std::min<std::size_t>(source_->bytes->size(), 131072) + 1024);
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object();
  const bool counts = asks_ == Asks::kTokenCount;
  if (counts) {
    writer.key("generateContentRequest").begin_object();
    writer.member("model", gemini::model_resource(chosen.name));
  }
  if (Result<> written = write_request(writer, chosen, findings, call); !written) {
    return fail(std::move(written.error()));
  }
  if (counts) {
    writer.end_object();
  } else if (!options_.safety_settings.empty()) {
    writer.member_raw("safetySettings", options_.safety_settings);
  }
  writer.end_object();

  call.method = counts   ? gemini::Method::kCountTokens
                : stream ? gemini::Method::kStreamGenerateContent
                         : gemini::Method::kGenerateContent;
  call.model = chosen.name;
  call.body = json::to_body(std::move(text), splices, source_);
  add_resources(conversation_, call.resources);
  return call;
}

std::unique_ptr<Encoder> Messages::encoder(const AnswerContext& context) {
  if (asks_ == Asks::kTokenCount) return std::make_unique<TokenCountEncoder>();
  AnswerForm form;
  form.shape = {.context = context,
                .model_label = std::string(request_.model_label),
                .upstream_model = upstream_model_,
                .id_prefix = "toolu_",
                .show_thoughts = shows_thoughts_,
                .annotations = offer_.plan.search,
                .search_links = options_.search_links && !offer_.plan.search};
  if (offer_.names != nullptr && !offer_.names->trivial()) form.shape.names = offer_.names;
  form.thinks = request_.thinks || shows_thoughts_;
  form.searches = offer_.plan.search;
  form.fetches = offer_.plan.url_context;
  form.runs_code = offer_.plan.code_execution;
  if (stream) return std::make_unique<StreamEncoder>(std::move(form));
  return std::make_unique<UnaryEncoder>(std::move(form));
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_messages(Asks asks, std::shared_ptr<const Buffer> body,
                                               const Options& options) {
  auto source = std::make_shared<Source>();
  source->bytes = std::move(body);
  const auto root = source->document.parse(source->bytes->padded());
  if (!root) return fail(root.error());
  Result<MessagesRequest> request = read_messages_request(*root);
  if (!request) return fail(std::move(request.error()));
  auto parsed = std::make_unique<Messages>(asks, std::move(*request), std::move(source), options);
  if (Result<> read = parsed->read(); !read) return fail(std::move(read.error()));
  return parsed;
}

}  // namespace wasat::dialect::anthropic
