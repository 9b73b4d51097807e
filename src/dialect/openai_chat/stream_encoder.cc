#include "dialect/openai_chat/stream_encoder.h"

#include "dialect/openai_chat/annotations.h"
#include "dialect/openai_chat/finish_reason.h"
#include "dialect/openai_chat/logprobs.h"
#include "dialect/openai_chat/tool_call.h"
#include "dialect/openai_chat/usage.h"
#include "dialect/openai_errors.h"

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::string_view kChoices = R"("choices":[{"index":0,"delta":{)";

}  // namespace

StreamEncoder::StreamEncoder(AnswerShape shape, ChatForm form)
    : AnswerReader(std::move(shape)), form_(form) {
  const AnswerShape& answer = this->shape();
  head_ = R"(data: {"id":"chatcmpl-)" + answer.context.id +
          R"(","object":"chat.completion.chunk","created":)" +
          std::to_string(answer.context.created) + R"(,"model":")" + answer.model_label + "\",";
  head_ += kChoices;
}

void StreamEncoder::begin_delta(std::string& out) {
  if (!started_) {
    started_ = true;
    out += head_;
    out += R"("role":"assistant","content":"")";
    std::string waiting;  // probabilities belong to the first text
    waiting.swap(logprobs_);
    end_delta(out);
    waiting.swap(logprobs_);
  }
  out += head_;
}

void StreamEncoder::end_delta(std::string& out, std::string_view finish_reason) {
  out += R"(},"logprobs":)";
  if (logprobs_.empty()) {
    out += "null";
  } else {
    out += R"({"content":[)";
    out += logprobs_;
    out += R"(],"refusal":null})";
    logprobs_.clear();
  }
  out += R"(,"finish_reason":)";
  if (finish_reason.empty()) {
    out += "null}]";
  } else {
    out += '"';
    out += finish_reason;
    out += "\"}]";
  }
  // With include_usage every event but the last says that it has none.
  out += form_.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void StreamEncoder::give_text(Pieces pieces, std::string_view signature, std::string& out) {
  begin_delta(out);
  out += R"("content":")";
  for (const std::string_view piece : pieces) out += piece;
  out += '"';
  if (!signature.empty()) {
    out += ',';
    append_signature(out, signature);
  }
  end_delta(out);
}

void StreamEncoder::give_thought(std::string_view escaped, std::string_view, std::string& out) {
  if (escaped.empty()) return;
  begin_delta(out);
  out += R"("reasoning_content":")";
  out += escaped;
  out += '"';
  end_delta(out);
}

void StreamEncoder::give_call(const GivenCall& call, std::string& out) {
  if (form_.legacy_functions) {
    if (calls() != 0) return;  // the old form has room for one
    begin_delta(out);
    out += R"("function_call":)";
    append_function(out, call);
  } else {
    begin_delta(out);
    out += R"("tool_calls":[{"index":)";
    out += std::to_string(calls());
    out += ',';
    append_tool_call(out, call);
    out += "}]";
  }
  end_delta(out);
}

void StreamEncoder::give_grounding(json::Value grounding, std::string&) {
  annotations_.clear();
  append_annotations(annotations_, grounding, positions());
}

void StreamEncoder::give_logprobs(json::Value result, std::string&) {
  append_logprobs(logprobs_, result);
}

void StreamEncoder::end_chunk(std::string& out) {
  if (logprobs_.empty()) return;
  begin_delta(out);
  end_delta(out);
}

Result<> StreamEncoder::finish(gemini::Tally& tally, std::string& out) {
  Ending end = ending(tally, true);
  if (end.kind == Ending::Kind::kFailed) return fail(std::move(end.error));
  if (end.kind == Ending::Kind::kExplained && !finish_message().empty()) {
    give_text({finish_message()}, {}, out);
  }
  if (!annotations_.empty()) {
    begin_delta(out);
    out += R"("annotations":[)";
    out += annotations_;
    out += ']';
    end_delta(out);
  }
  begin_delta(out);
  end_delta(out, finish_reason(end.reason, form_.legacy_functions));
  if (form_.include_usage) {
    out.append(head_, 0, head_.size() - kChoices.size());
    out += R"("choices":[],"usage":)";
    append_usage(out, tally.usage);
    out += "}\n\n";
  }
  out += "data: [DONE]\n\n";
  return {};
}

void StreamEncoder::error(const Error& error, std::string& out) {
  out += "data: ";
  openai::append_error(out, error);
  out += "\n\n";
}

void StreamEncoder::heartbeat(std::string& out) { out += ": keep-alive\n\n"; }

}  // namespace wasat::dialect::openai_chat
