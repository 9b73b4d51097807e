#include "dialect/openai_responses/answer_encoder.h"

#include <utility>

#include "dialect/conversation/usage.h"
#include "dialect/openai_errors.h"
#include "dialect/openai_responses/call_items.h"
#include "dialect/openai_responses/memory.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// ResponseError.code in OpenAI's API, and what Codex knows beside it.
std::string_view failure_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kRateLimited:
      return "rate_limit_exceeded";
    case ErrorKind::kQuotaExhausted:
      return "insufficient_quota";
    case ErrorKind::kContextTooLong:
      return "context_length_exceeded";
    case ErrorKind::kInvalidRequest:
    case ErrorKind::kUnsupported:
    case ErrorKind::kContentBlocked:
      return "invalid_prompt";
    default:
      return "server_error";
  }
}

void append_usage(std::string& out, const gemini::Usage& usage) {
  const CountedTokens tokens = counted(usage);
  json::Writer writer(out);
  writer.begin_object();
  writer.member("input_tokens", tokens.input);
  writer.key("input_tokens_details").begin_object();
  writer.member("cached_tokens", tokens.cached).end_object();
  writer.member("output_tokens", tokens.output);
  writer.key("output_tokens_details").begin_object();
  writer.member("reasoning_tokens", tokens.thoughts).end_object();
  writer.member("total_tokens", tokens.input + tokens.output);
  writer.end_object();
}

}  // namespace

AnswerEncoder::AnswerEncoder(ResponsesShape shape, bool streamed)
    : AnswerReader(shape.answer),
      form_(std::move(shape)),
      items_(AnswerReader::shape(), streamed),
      reasoning_(items_),
      message_(items_, searches_),
      code_(items_) {}

std::string_view AnswerEncoder::content_type() const {
  return items_.streamed() ? "text/event-stream" : "application/json";
}

void AnswerEncoder::start(std::string& out) {
  if (std::exchange(started_, true) || !items_.streamed()) return;
  for (const std::string_view type : {"response.created", "response.in_progress"}) {
    items_.events().begin(out, type);
    out += R"(,"response":)";
    append_response(out, "in_progress", "null", "null", nullptr);
    items_.events().end(out);
  }
}

void AnswerEncoder::settle(std::string_view signature, std::string& out) {
  start(out);
  switch (std::exchange(open_, Open::kNothing)) {
    case Open::kNothing:
      break;
    case Open::kReasoning:
      reasoning_.close(signature, out);
      return;
    case Open::kMessage:
      message_.close("completed", out);
      break;
    case Open::kCode:
      code_.close({}, out);
      break;
  }
  if (!signature.empty()) items_.add_carrier(signature, false, out);
}

void AnswerEncoder::give_thought(std::string_view escaped, std::string_view, std::string& out) {
  if (open_ != Open::kReasoning) {
    settle({}, out);
    open_ = Open::kReasoning;
    reasoning_.open(out);
  }
  reasoning_.give(escaped, out);
}

void AnswerEncoder::give_text(Pieces pieces, std::string_view signature, std::string& out) {
  if (pieces.size() == 0) {
    // A signature alone belongs to the text before it.
    if (open_ == Open::kMessage) {
      message_.sign(signature);
    } else if (!signature.empty()) {
      settle({}, out);
      items_.add_carrier(signature, true, out);
    }
    return;
  }
  if (open_ != Open::kMessage) {
    settle(signature, out);
    open_ = Open::kMessage;
    message_.open(out);
  } else if (!signature.empty()) {
    message_.sign(signature);
  }
  message_.give(pieces, out);
}

void AnswerEncoder::give_logprobs(json::Value result, std::string&) {
  message_.add_logprobs(result);
}

void AnswerEncoder::give_call(const GivenCall& call, std::string& out) {
  settle(call.signature, out);
  give_call_item(call, form_.client, items_, out);
}

void AnswerEncoder::give_media(json::Value part, std::string_view signature, std::string& out) {
  const json::Value data = part["inlineData"];
  const std::string_view type = data["mimeType"].escaped();
  const std::string_view base64 = data["data"].escaped();
  if (!type.starts_with("image/") || base64.empty()) {
    AnswerReader::give_media(part, signature, out);
    return;
  }
  settle(signature, out);
  give_image_item(type, base64, items_, out);
}

void AnswerEncoder::give_code(json::Value part, std::string& out) {
  if (const json::Value code = part["executableCode"]) {
    settle({}, out);
    open_ = Open::kCode;
    code_.open(code["code"].escaped(), out);
  } else if (open_ == Open::kCode) {
    open_ = Open::kNothing;
    code_.close(part["codeExecutionResult"]["output"].escaped(), out);
  } else {
    AnswerReader::give_code(part, out);
  }
}

void AnswerEncoder::give_grounding(json::Value grounding, std::string&) {
  searches_.read(grounding, positions());
}

void AnswerEncoder::append_response(std::string& out, std::string_view status,
                                    std::string_view error, std::string_view incomplete,
                                    const gemini::Usage* usage) const {
  out += '{';
  out += form_.members;
  out += R"(,"status":")";
  out += status;
  out += R"(","error":)";
  out += error;
  out += R"(,"incomplete_details":)";
  out += incomplete;
  out += R"(,"output":[)";
  out += items_.finished();
  out += R"(],"usage":)";
  if (usage == nullptr) {
    out += "null";
  } else {
    append_usage(out, *usage);
  }
  out += '}';
}

Result<> AnswerEncoder::finish(gemini::Tally& tally, std::string& out) {
  Ending end = ending(tally, items_.streamed());
  if (end.kind == Ending::Kind::kFailed) return fail(std::move(end.error));
  if (end.kind == Ending::Kind::kExplained && !finish_message().empty()) {
    give_text({finish_message()}, {}, out);
  }
  const bool cut = end.reason == EndReason::kLength || end.reason == EndReason::kFiltered;
  const std::string_view status = cut ? "incomplete" : "completed";
  start(out);
  if (open_ == Open::kMessage) {
    // The search came before the text, and what is not streamed can stand there.
    if (!items_.streamed()) searches_.give(items_, form_.sources, out);
    message_.close(status, out);
  } else {
    settle({}, out);
  }
  searches_.give(items_, form_.sources, out);

  const std::string_view incomplete = !cut ? "null"
                                      : end.reason == EndReason::kLength
                                          ? R"({"reason":"max_output_tokens"})"
                                          : R"({"reason":"content_filter"})";
  Events& events = items_.events();
  out.reserve(out.size() + items_.finished().size() + form_.members.size() + 512);
  if (events.streamed()) {
    events.begin(out, cut ? "response.incomplete" : "response.completed");
    out += R"(,"response":)";
  }
  const std::size_t begin = out.size();
  append_response(out, status, "null", incomplete, &tally.usage);
  if (form_.store) remember(std::string_view(out).substr(begin), tally);
  if (events.streamed()) events.end(out);
  return {};
}

void AnswerEncoder::remember(std::string_view response, gemini::Tally& tally) {
  const std::string& output = items_.finished();
  std::string items = std::move(form_.history);
  if (items.size() + output.size() > kMaxRemembered) return;
  if (!items.empty() && !output.empty()) items += ',';
  items += output;
  tally.memos.push_back({.kind = gemini::Memo::Kind::kResponse,
                         .key = "resp_" + shape().context.id,
                         .value = written_memo(response, items)});
}

// Codex reads code and message, and waits as long as the message says.
void AnswerEncoder::error(const Error& error, std::string& out) {
  start(out);
  std::string written = R"({"code":")";
  written += failure_code(error.kind);
  written += R"(","message":)";
  json::append_string(written, openai::error_message(error));
  written += '}';
  items_.events().begin(out, "response.failed");
  out += R"(,"response":)";
  append_response(out, "failed", written, "null", nullptr);
  items_.events().end(out);
}

void AnswerEncoder::heartbeat(std::string& out) { out += ": keep-alive\n\n"; }

}  // namespace wasat::dialect::openai_responses
