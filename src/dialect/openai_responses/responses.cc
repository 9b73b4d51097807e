#include "dialect/openai_responses/responses.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialect/conversation/chosen.h"
#include "dialect/conversation/contents.h"
#include "dialect/openai_responses/answer_encoder.h"
#include "dialect/openai_responses/count_encoder.h"
#include "dialect/openai_responses/echo.h"
#include "dialect/openai_responses/input.h"
#include "dialect/openai_responses/memory.h"
#include "dialect/openai_responses/request.h"
#include "dialect/openai_responses/tools.h"

namespace wasat::dialect::openai_responses {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

class Responses : public Parsed {
 public:
  Responses(ResponsesRequest request, OfferedTools tools, std::shared_ptr<Source> source,
            const Options& options)
      : request_(std::move(request)),
        tools_(std::move(tools)),
        source_(std::move(source)),
        options_(options) {
    model = request_.model;
    stream = request_.stream;
  }

  // What must be found before the request can be lowered. Errors: of the items.
  Result<> look();
  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 protected:
  const ResponsesRequest& request() const { return request_; }
  const std::shared_ptr<Source>& source() const { return source_; }
  // Everything of the call's body but what surrounds it.
  Result<> write_members(json::Writer& writer, const ChosenModel& chosen, const Findings& findings,
                         gemini::Call& call);

 private:
  void add_memory_needs();
  bool recalls() const { return !needs_of_memory_.empty(); }
  Result<const Conversation*> conversation(const Findings& findings);
  Result<> read_items(Conversation& conversation, const Findings& findings);
  Generation generation(const gemini::ModelFamily& family) const;
  std::string spoken(Generation& generation, bool any_tool,
                     const gemini::ModelFamily& family) const;
  std::string history();

  const ResponsesRequest request_;
  const OfferedTools tools_;
  const std::shared_ptr<Source> source_;
  const Options& options_;
  std::vector<std::string> needs_of_memory_;  // ids of responses
  std::optional<Conversation> conversation_;
  Memory memory_;
  const Findings no_findings_;
  std::string upstream_model_;
  bool searches_ = false;  // the model may cite pages
};

void Responses::add_memory_needs() {
  const auto need = [this](std::string id) {
    if (id.empty() || std::ranges::find(needs_of_memory_, id) != needs_of_memory_.end()) return;
    needs_of_memory_.push_back(id);
    needs.memos.push_back({.kind = gemini::Memo::Kind::kResponse, .key = std::move(id)});
  };
  need(request_.previous);
  if (!request_.input.is_array()) return;
  for (const json::Value item : request_.input) {
    if (needs_of_memory_.size() >= 64) return;  // far more than a client's window
    if (const auto id = referenced_id(item)) need(response_of_item(*id));
  }
}

Result<> Responses::look() {
  add_memory_needs();
  // With items from elsewhere it is read when those are there.
  Conversation early;
  Conversation& conversation = recalls() ? early : conversation_.emplace();
  if (Result<> read = read_items(conversation, no_findings_); !read) {
    // Only what is remembered can tell that an item is missing.
    if (recalls()) return {};
    return read;
  }
  conversation.add_needs(needs);
  return {};
}

Result<> Responses::read_items(Conversation& conversation, const Findings& findings) {
  InputReader reader(conversation, *source_, *tools_.names, [this, &findings](std::string_view id) {
    return memory_.find_item(id, findings, *source_);
  });
  if (Result<> read = reader.instructions(request_.instructions); !read) return read;
  if (!request_.previous.empty() && &findings != &no_findings_) {
    const Memory::Response* previous = memory_.find(request_.previous, findings, *source_);
    if (previous == nullptr) {
      return fail(invalid("Previous response with id '" + request_.previous +
                              "' not found. Responses are kept for a while unless 'store' is "
                              "false; send the items themselves as 'input'.",
                          "previous_response_id"));
    }
    if (Result<> read = reader.read(previous->items, "previous_response_id"); !read) return read;
  }
  if (Result<> read = reader.read(request_.input, "input"); !read) return read;
  reader.end();
  return conversation.arrange();
}

Result<const Conversation*> Responses::conversation(const Findings& findings) {
  if (!recalls()) return &*conversation_;
  if (Result<> read = read_items(conversation_.emplace(), findings); !read) {
    return fail(std::move(read.error()));
  }
  return &*conversation_;
}

// What the request asks for, as far as options and model allow it.
Generation Responses::generation(const gemini::ModelFamily& family) const {
  Generation generation = request_.generation;
  if (!options_.show_thoughts) generation.thinking.include_thoughts.reset();
  generation.image_output = family.image_output && tools_.image_generation;
  return generation;
}

std::string Responses::spoken(Generation& generation, bool any_tool,
                              const gemini::ModelFamily& family) const {
  std::string words = spoken_format(generation, any_tool, family);
  if (request_.verbosity.empty()) return words;
  if (!words.empty()) words += "\\n";
  words += request_.verbosity == "low" ? "Keep your answers short." : "Answer at length.";
  return words;
}

Result<> Responses::write_members(json::Writer& writer, const ChosenModel& chosen,
                                  const Findings& findings, gemini::Call& call) {
  upstream_model_ = chosen.name;
  const gemini::ModelFamily family = family_of(chosen, findings);
  Result<const Conversation*> talk = conversation(findings);
  if (!talk) return fail(std::move(talk.error()));
  ToolPlan plan = tools_.plan;
  Generation wish = generation(family);
  apply_derived(chosen.derived, wish, plan);
  searches_ = plan.search || plan.url_context;
  const std::string words = spoken(wish, plan.any(), family);
  const ContentsContext context{.source = *source_,
                                .family = family,
                                .names = *tools_.names,
                                .findings = findings,
                                .spoken = words,
                                .upstream_model = chosen.name};
  if (Result<> written = write_conversation(writer, **talk, context); !written) return written;
  write_tools(writer, std::move(plan), family, call);
  write_generation_config(writer, wish, family, call);
  add_resources(**talk, call.resources);
  return {};
}

Result<gemini::Call> Responses::lower(const ChosenModel& chosen, const Findings& findings) {
  gemini::Call call;
  call.method =
      request_.stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
  call.model = chosen.name;
  std::string text;
  text.reserve(std::min<std::size_t>(source_->bytes->size(), 16384) + 1024);
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object();
  if (Result<> written = write_members(writer, chosen, findings, call); !written) {
    return fail(std::move(written.error()));
  }
  if (!options_.safety_settings.empty()) {
    writer.member_raw("safetySettings", options_.safety_settings);
  }
  if (!request_.service_tier.empty()) writer.member("serviceTier", request_.service_tier);
  writer.end_object();
  call.body = json::to_body(std::move(text), splices, source_);
  return call;
}

// All items up to here, as they were sent.
std::string Responses::history() {
  std::string items;
  const auto add = [&items](std::string_view item) {
    if (!items.empty()) items += ',';
    items += item;
  };
  if (const Memory::Response* previous = memory_.known(request_.previous)) {
    for (const json::Value item : previous->items) add(item.raw());
  }
  if (request_.input.is_string()) {
    add(R"({"type":"message","role":"user","content":[{"type":"input_text","text":)");
    items += request_.input.raw();
    items += "}]}";
  }
  if (!request_.input.is_array()) return items;
  for (const json::Value item : request_.input) {
    const auto id = referenced_id(item);
    const json::Value known = id ? memory_.known_item(*id) : json::Value{};
    add(known ? known.raw() : item.raw());
  }
  return items;
}

std::unique_ptr<Encoder> Responses::encoder(const AnswerContext& context) {
  ResponsesShape shape;
  shape.store = request_.store && request_.input.raw().size() <= kMaxRemembered;
  if (shape.store) shape.history = history();
  if (shape.history.size() > kMaxRemembered) {
    shape.store = false;
    shape.history = {};
  }
  shape.members.reserve(1024);
  append_members(shape.members, request_, context, shape.store);
  shape.sources = request_.include_sources;
  shape.client = tools_.client;
  shape.answer = {.context = context,
                  .model_label = std::string(request_.model_label),
                  .upstream_model = upstream_model_,
                  .show_thoughts = options_.show_thoughts,
                  .logprobs = request_.generation.logprobs,
                  .annotations = searches_,
                  .search_links = options_.search_links};
  if (!tools_.names->trivial()) shape.answer.names = tools_.names;
  return std::make_unique<AnswerEncoder>(std::move(shape), stream);
}

class InputTokens : public Responses {
 public:
  using Responses::Responses;

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override {
    gemini::Call call;
    call.method = gemini::Method::kCountTokens;
    call.model = chosen.name;
    std::string text;
    json::Splices splices;
    json::Writer writer(text, &splices);
    writer.begin_object().key("generateContentRequest").begin_object();
    writer.member("model", "models/" + std::string(chosen.name));
    if (Result<> written = write_members(writer, chosen, findings, call); !written) {
      return fail(std::move(written.error()));
    }
    writer.end_object().end_object();
    call.body = json::to_body(std::move(text), splices, source());
    return call;
  }

  std::unique_ptr<Encoder> encoder(const AnswerContext&) override {
    return std::make_unique<CountEncoder>();
  }
};

// Tools that a search on the client's side has found.
std::vector<json::Value> found_tools(json::Value input) {
  std::vector<json::Value> found;
  if (!input.is_array()) return found;
  for (const json::Value item : input) {
    if (item["type"].string_or("") != "tool_search_output") continue;
    for (const json::Value tool : item["tools"]) {
      if (found.size() < kMaxTools) found.push_back(tool);
    }
  }
  return found;
}

template <class Kind>
Result<std::unique_ptr<Kind>> parse(std::shared_ptr<const Buffer> body, const Options& options) {
  auto source = std::make_shared<Source>();
  source->bytes = std::move(body);
  const auto root = source->document.parse(source->bytes->padded());
  if (!root) return fail(root.error());
  Result<ResponsesRequest> request = read_responses_request(*root);
  if (!request) return fail(std::move(request.error()));
  Result<OfferedTools> tools =
      read_tools(request->tools, found_tools(request->input), request->tool_choice);
  if (!tools) return fail(std::move(tools.error()));
  auto parsed =
      std::make_unique<Kind>(std::move(*request), std::move(*tools), std::move(source), options);
  if (Result<> looked = parsed->look(); !looked) return fail(std::move(looked.error()));
  return parsed;
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_responses(std::shared_ptr<const Buffer> body,
                                                const Options& options) {
  Result<std::unique_ptr<Responses>> parsed = parse<Responses>(std::move(body), options);
  if (!parsed) return fail(std::move(parsed.error()));
  return std::move(*parsed);
}

Result<std::unique_ptr<Parsed>> parse_input_tokens(std::shared_ptr<const Buffer> body,
                                                   const Options& options) {
  Result<std::unique_ptr<InputTokens>> parsed = parse<InputTokens>(std::move(body), options);
  if (!parsed) return fail(std::move(parsed.error()));
  (*parsed)->stream = false;
  return std::move(*parsed);
}

}  // namespace wasat::dialect::openai_responses
