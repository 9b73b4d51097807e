#include "dialect/openai_chat/unary_encoder.h"

#include "dialect/openai_chat/annotations.h"
#include "dialect/openai_chat/finish_reason.h"
#include "dialect/openai_chat/logprobs.h"
#include "dialect/openai_chat/tool_call.h"
#include "dialect/openai_chat/usage.h"

namespace wasat::dialect::openai_chat {

void UnaryEncoder::give_text(Pieces pieces, std::string_view signature, std::string&) {
  for (const std::string_view piece : pieces) content_ += piece;
  if (!signature.empty()) signature_ = signature;
}

void UnaryEncoder::give_thought(std::string_view escaped, std::string_view, std::string&) {
  thoughts_ += escaped;
}

void UnaryEncoder::give_call(const GivenCall& call, std::string&) {
  if (form_.legacy_functions) {
    if (calls_.empty()) append_function(calls_, call);
    return;
  }
  calls_ += calls_.empty() ? "{" : ",{";
  append_tool_call(calls_, call);
  calls_ += '}';
}

void UnaryEncoder::give_grounding(json::Value grounding, std::string&) {
  annotations_.clear();
  append_annotations(annotations_, grounding, positions());
}

void UnaryEncoder::give_logprobs(json::Value result, std::string&) {
  append_logprobs(logprobs_, result);
}

void UnaryEncoder::append_message(std::string& out, EndReason reason) const {
  out += R"({"role":"assistant","content":)";
  if (content_.empty() && (!calls_.empty() || reason == EndReason::kFiltered)) {
    out += "null";
  } else {
    out += '"';
    out += content_;
    out += '"';
  }
  out += R"(,"refusal":null)";
  if (!thoughts_.empty()) {
    out += R"(,"reasoning_content":")";
    out += thoughts_;
    out += '"';
  }
  if (!calls_.empty()) {
    out += form_.legacy_functions ? R"(,"function_call":)" : R"(,"tool_calls":[)";
    out += calls_;
    if (!form_.legacy_functions) out += ']';
  }
  if (!annotations_.empty()) {
    out += R"(,"annotations":[)";
    out += annotations_;
    out += ']';
  }
  if (!signature_.empty()) {
    out += ',';
    append_signature(out, signature_);
  }
  out += '}';
}

Result<> UnaryEncoder::finish(gemini::Tally& tally, std::string& out) {
  Ending end = ending(tally, false);
  if (end.kind == Ending::Kind::kFailed) return fail(std::move(end.error));
  if (end.kind == Ending::Kind::kExplained) content_ += finish_message();
  out.reserve(out.size() + content_.size() + thoughts_.size() + calls_.size() + 1024);
  out += R"({"id":"chatcmpl-)";
  out += shape().context.id;
  out += R"(","object":"chat.completion","created":)";
  out += std::to_string(shape().context.created);
  out += R"(,"model":")";
  out += shape().model_label;
  out += R"(","choices":[{"index":0,"message":)";
  append_message(out, end.reason);
  out += R"(,"logprobs":)";
  if (logprobs_.empty()) {
    out += "null";
  } else {
    out += R"({"content":[)";
    out += logprobs_;
    out += R"(],"refusal":null})";
  }
  out += R"(,"finish_reason":")";
  out += finish_reason(end.reason, form_.legacy_functions);
  out += R"("}],"usage":)";
  append_usage(out, tally.usage);
  out += '}';
  return {};
}

}  // namespace wasat::dialect::openai_chat
