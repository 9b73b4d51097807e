#include "dialect/anthropic/answer_encoder.h"

#include <algorithm>
#include <utility>

#include "dialect/conversation/signature.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {

std::string AnswerEncoder::carrier(std::string_view signature) const {
  return wrap_signature(signature, shape().upstream_model);
}

void AnswerEncoder::close_block(std::string_view signature, std::string& out) {
  if (open_ == Open::kText) {
    end_text({}, out);
  } else if (open_ == Open::kThinking) {
    // Clients throw thinking away that nobody has signed.
    end_thinking(carrier(signature.empty() ? signature_ : signature), out);
    signature_.clear();
  }
  open_ = Open::kNothing;
}

// A carrier for what comes next, where no thinking block is open: of its own signature, or
// of one that came alone before it.
void AnswerEncoder::put_signature(std::string_view signature, std::string& out) {
  const std::string alone = std::exchange(signature_, {});
  if (signature.empty()) signature = alone;
  if (signature.empty()) return;
  if (thinks_) {
    start_thinking(out);
    end_thinking(carrier(signature), out);
    return;
  }
  std::string block;
  json::Writer writer(block);
  writer.begin_object().member("type", "redacted_thinking").member("data", carrier(signature));
  writer.end_object();
  put_block(block, out);
}

// Part of an answer that has no words of its own.
void AnswerEncoder::lone_signature(std::string_view signature) {
  if (open_ != Open::kText) {
    signature_ = signature;
  } else if (thinks_) {
    late_signature(signature);
  }
}

void AnswerEncoder::give_text(Pieces pieces, std::string_view signature, std::string& out) {
  const auto has_bytes = [](std::string_view piece) { return !piece.empty(); };
  if (!std::ranges::any_of(pieces, has_bytes)) {
    if (!signature.empty()) lone_signature(signature);
    return;
  }
  if (open_ == Open::kText) {
    if (!signature.empty()) lone_signature(signature);
  } else {
    if (open_ == Open::kThinking) {
      close_block(signature, out);
    } else if (thinks_) {
      put_signature(signature, out);
    }
    signature_.clear();
    open_ = Open::kText;
    start_text(out);
  }
  add_text(pieces, out);
}

void AnswerEncoder::give_thought(std::string_view escaped, std::string_view signature,
                                 std::string& out) {
  if (!thinks_) return;
  if (open_ != Open::kThinking) {
    close_block({}, out);
    open_ = Open::kThinking;
    start_thinking(out);
  }
  if (!escaped.empty()) add_thought(escaped, out);
  if (!signature.empty()) signature_ = signature;
}

void AnswerEncoder::give_call(const GivenCall& call, std::string& out) {
  const bool thinking = open_ == Open::kThinking;
  close_block(call.signature, out);
  if (!thinking) put_signature(call.signature, out);
  put_tool_use({.id = call.id, .name = call.name, .input = call.raw, .escaped = call.arguments},
               out);
}

void AnswerEncoder::give_code(json::Value part, std::string& out) {
  if (!runs_code_) return AnswerReader::give_code(part, out);
  close_block({}, out);
  if (const json::Value code = part["executableCode"]) {
    const std::string input = tools_.begin_code(code, shape().context.id);
    std::string escaped;
    json::append_escaped(escaped, input);
    put_tool_use({.type = "server_tool_use",
                  .id = tools_.code_id(),
                  .name = "code_execution",
                  .input = input,
                  .escaped = escaped},
                 out);
  } else {
    put_block(tools_.end_code(part["codeExecutionResult"], shape().context.id), out);
  }
}

void AnswerEncoder::give_grounding(json::Value grounding, std::string&) {
  if (searches_) tools_.read_grounding(grounding, positions(), shape().context.id);
}

void AnswerEncoder::give_url_context(json::Value metadata, std::string&) {
  if (fetches_) tools_.read_url_context(metadata, shape().context.id);
}

Result<> AnswerEncoder::close(const gemini::Tally& tally, bool streamed, EndReason& reason,
                              std::string& out) {
  Ending end = ending(tally, streamed);
  if (end.kind == Ending::Kind::kFailed) return fail(std::move(end.error));
  if (end.kind == Ending::Kind::kExplained && !finish_message().empty()) {
    give_text({finish_message()}, {}, out);
  }
  reason = end.reason;
  if (open_ == Open::kText) {
    end_text(tools_.citations(), out);
    open_ = Open::kNothing;
  }
  close_block({}, out);
  begin_sources();
  for (const auto* steps : {&tools_.searches(), &tools_.fetches()}) {
    for (const ServerTools::Step& step : *steps) {
      std::string escaped;
      json::append_escaped(escaped, step.input);
      put_tool_use({.type = "server_tool_use",
                    .id = step.id,
                    .name = step.name,
                    .input = step.input,
                    .escaped = escaped},
                   out);
      put_block(step.result, out);
    }
  }
  end_sources();
  return {};
}

}  // namespace wasat::dialect::anthropic
