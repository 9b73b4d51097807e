#include "dialect/openai_chat/stream_encoder.h"

#include "base/base64.h"
#include "dialect/openai_chat/annotations.h"
#include "dialect/openai_chat/finish_reason.h"
#include "dialect/openai_chat/logprobs.h"
#include "dialect/openai_chat/tool_call.h"
#include "dialect/openai_chat/usage.h"
#include "dialect/openai_errors.h"

namespace wasat::dialect::openai_chat {

StreamEncoder::StreamEncoder(AnswerShape shape, ChatForm form)
    : AnswerReader(std::move(shape)), form_(form), choices_(this->shape().choices) {
  const AnswerShape& answer = this->shape();
  opening_ = R"(data: {"id":"chatcmpl-)" + answer.context.id +
             R"(","object":"chat.completion.chunk","created":)" +
             std::to_string(answer.context.created) + R"(,"model":")" + answer.model_label +
             R"(","choices":)";
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (form_.audio) choices_[i].audio.emplace(*form_.audio, false);
    choices_[i].head = opening_ + R"([{"index":)" + std::to_string(i) + R"(,"delta":{)";
  }
}

void StreamEncoder::begin_delta(std::string& out) {
  Choice& choice = current();
  if (!choice.started) {
    choice.started = true;
    out += choice.head;
    out += R"("role":"assistant","content":"")";
    std::string waiting;  // probabilities belong to the first text
    waiting.swap(choice.logprobs);
    end_delta(out);
    waiting.swap(choice.logprobs);
  }
  out += choice.head;
}

void StreamEncoder::end_delta(std::string& out, std::string_view finish_reason) {
  std::string& logprobs = current().logprobs;
  out += R"(},"logprobs":)";
  if (logprobs.empty()) {
    out += "null";
  } else {
    out += R"({"content":[)";
    out += logprobs;
    out += R"(],"refusal":null})";
    logprobs.clear();
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
  out += form_.audio ? R"("audio":{"transcript":")" : R"("content":")";
  for (const std::string_view piece : pieces) out += piece;
  out += form_.audio ? "\"}" : "\"";
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
    if (std::exchange(current().called, true)) return;
    begin_delta(out);
    out += R"("function_call":)";
    append_function(out, call);
    if (!call.signature.empty()) {
      out += ',';
      append_signature(out, call.signature);
    }
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

void StreamEncoder::give_media(json::Value part, std::string_view signature, std::string& out) {
  std::string bytes;
  if (!current().audio || !current().audio->take(part, bytes)) {
    AnswerReader::give_media(part, signature, out);
  } else if (!bytes.empty()) {
    give_audio(bytes, out);
  }
}

void StreamEncoder::give_audio(std::string_view bytes, std::string& out) {
  begin_delta(out);
  out += R"("audio":{"id":")" + audio_id(shape().context, choice()) + R"(","data":")";
  append_base64(out, bytes);
  out += "\"}";
  end_delta(out);
}

Result<> StreamEncoder::end_audio(std::string& out) {
  if (!current().audio || !current().audio->any()) return {};
  std::string bytes;
  if (Result<> ended = current().audio->finish(bytes); !ended) return ended;
  if (!bytes.empty()) give_audio(bytes, out);
  begin_delta(out);
  out += R"("audio":{"expires_at":)" + std::to_string(audio_end(shape().context)) + "}";
  end_delta(out);
  return {};
}

void StreamEncoder::give_grounding(json::Value grounding, std::string&) {
  current().annotations.clear();
  append_annotations(current().annotations, grounding, positions());
}

void StreamEncoder::give_logprobs(json::Value result, std::string&) {
  append_logprobs(current().logprobs, result);
}

void StreamEncoder::end_chunk(std::string& out) {
  if (current().logprobs.empty()) return;
  begin_delta(out);
  end_delta(out);
}

void StreamEncoder::end_choice(const Ending& end, std::string& out) {
  if (end.kind == Ending::Kind::kExplained && !finish_message(choice()).empty()) {
    give_text({finish_message(choice())}, {}, out);
  }
  if (!current().annotations.empty()) {
    begin_delta(out);
    out += R"("annotations":[)";
    out += current().annotations;
    out += ']';
    end_delta(out);
  }
  begin_delta(out);
  end_delta(out, finish_reason(end.reason, form_.legacy_functions));
}

Result<> StreamEncoder::finish(gemini::Tally& tally, std::string& out) {
  Result<std::vector<Ending>> ends = endings(tally, true);
  if (!ends) return fail(std::move(ends.error()));
  for (std::uint32_t i = 0; i < choices_.size(); ++i) {
    turn_to(i);
    if (Result<> ended = end_audio(out); !ended) return ended;
    end_choice((*ends)[i], out);
  }
  if (form_.include_usage) {
    out += opening_;
    out += R"([],"usage":)";
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
