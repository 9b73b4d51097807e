#include "dialect/openai_chat/unary_encoder.h"

#include "base/base64.h"
#include "dialect/openai_chat/annotations.h"
#include "dialect/openai_chat/finish_reason.h"
#include "dialect/openai_chat/logprobs.h"
#include "dialect/openai_chat/tool_call.h"
#include "dialect/openai_chat/usage.h"

namespace wasat::dialect::openai_chat {

void UnaryEncoder::give_text(Pieces pieces, std::string_view signature, std::string&) {
  for (const std::string_view piece : pieces) said().content += piece;
  if (!signature.empty()) said().signature = signature;
}

void UnaryEncoder::give_thought(std::string_view escaped, std::string_view, std::string&) {
  said().thoughts += escaped;
}

void UnaryEncoder::give_call(const GivenCall& call, std::string&) {
  std::string& written = said().calls;
  if (form_.legacy_functions) {
    if (!written.empty()) return;
    append_function(written, call);
    if (!call.signature.empty()) said().signature = call.signature;
    return;
  }
  written += written.empty() ? "{" : ",{";
  append_tool_call(written, call);
  written += '}';
}

void UnaryEncoder::give_media(json::Value part, std::string_view signature, std::string& out) {
  if (said().audio && said().audio->take(part, said().spoken)) return;
  AnswerReader::give_media(part, signature, out);
}

void UnaryEncoder::give_grounding(json::Value grounding, std::string&) {
  said().annotations.clear();
  append_annotations(said().annotations, grounding, positions());
}

void UnaryEncoder::give_logprobs(json::Value result, std::string&) {
  append_logprobs(said().logprobs, result);
}

void UnaryEncoder::append_message(std::string& out, const Said& said, EndReason reason) const {
  out += R"({"role":"assistant","content":)";
  if (!said.spoken.empty()) {
    out += "null";  // what is said stands beside the sound
  } else if (said.content.empty() && (!said.calls.empty() || reason == EndReason::kFiltered)) {
    out += "null";
  } else {
    out += '"';
    out += said.content;
    out += '"';
  }
  out += R"(,"refusal":null)";
  if (!said.thoughts.empty()) {
    out += R"(,"reasoning_content":")";
    out += said.thoughts;
    out += '"';
  }
  if (!said.calls.empty()) {
    out += form_.legacy_functions ? R"(,"function_call":)" : R"(,"tool_calls":[)";
    out += said.calls;
    if (!form_.legacy_functions) out += ']';
  }
  if (!said.spoken.empty()) {
    out += R"(,"audio":{"id":")" + audio_id(shape().context, choice()) + R"(","data":")";
    append_base64(out, said.spoken);
    out += R"(","expires_at":)" + std::to_string(audio_end(shape().context));
    out += R"(,"transcript":")" + said.content + "\"}";
  }
  if (!said.annotations.empty()) {
    out += R"(,"annotations":[)";
    out += said.annotations;
    out += ']';
  }
  if (!said.signature.empty()) {
    out += ',';
    append_signature(out, said.signature);
  }
  out += '}';
}

Result<> UnaryEncoder::end_audio(std::uint32_t number) {
  Said& said = said_[number];
  return said.audio ? said.audio->finish(said.spoken) : Result<>();
}

void UnaryEncoder::append_choice(std::string& out, std::uint32_t number, EndReason reason) const {
  const Said& said = said_[number];
  out += R"({"index":)";
  out += std::to_string(number);
  out += R"(,"message":)";
  append_message(out, said, reason);
  out += R"(,"logprobs":)";
  if (said.logprobs.empty()) {
    out += "null";
  } else {
    out += R"({"content":[)";
    out += said.logprobs;
    out += R"(],"refusal":null})";
  }
  out += R"(,"finish_reason":")";
  out += finish_reason(reason, form_.legacy_functions);
  out += "\"}";
}

Result<> UnaryEncoder::finish(gemini::Tally& tally, std::string& out) {
  Result<std::vector<Ending>> ends = endings(tally, false);
  if (!ends) return fail(std::move(ends.error()));
  std::size_t size = 1024;
  for (std::uint32_t i = 0; i < said_.size(); ++i) {
    if (Result<> ended = end_audio(i); !ended) return ended;
    const Said& said = said_[i];
    size +=
        said.spoken.size() / 3 * 4 + said.content.size() + said.thoughts.size() + said.calls.size();
  }
  out.reserve(out.size() + size);
  out += R"({"id":"chatcmpl-)";
  out += shape().context.id;
  out += R"(","object":"chat.completion","created":)";
  out += std::to_string(shape().context.created);
  out += R"(,"model":")";
  out += shape().model_label;
  out += R"(","choices":[)";
  for (std::uint32_t i = 0; i < shape().choices; ++i) {
    if (i != 0) out += ',';
    turn_to(i);
    const Ending& end = (*ends)[i];
    if (end.kind == Ending::Kind::kExplained) said_[i].content += finish_message(i);
    append_choice(out, i, end.reason);
  }
  out += R"(],"usage":)";
  append_usage(out, tally.usage);
  out += '}';
  return {};
}

}  // namespace wasat::dialect::openai_chat
