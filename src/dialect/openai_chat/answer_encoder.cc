#include "dialect/openai_chat/answer_encoder.h"

#include <algorithm>

#include "dialect/conversation/usage.h"
#include "dialect/openai_chat/annotations.h"
#include "gemini/redact.h"

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::size_t kMaxReason = 64;
constexpr std::size_t kMaxMessage = 4096;

Error broken(std::string detail) {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, std::move(detail));
}

// {"error":{...}} in place of a chunk.
Error upstream_said(json::Value error) {
  Error result = broken("The upstream broke off: " +
                        gemini::redacted(error["message"].string_or("no reason given")));
  const std::int64_t code = error["code"].integer().value_or(0);
  if (code >= 400 && code < 600) result.status = static_cast<int>(code);
  if (code == 429) result.kind = ErrorKind::kRateLimited;
  return result;
}

}  // namespace

Result<> AnswerEncoder::frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) {
  thread_local json::Document document;
  const auto root = document.parse(frame.json);
  if (!root) return fail(broken("The upstream sent a chunk that is not JSON."));
  any_frame_ = true;
  if (!root->is_array()) return read_chunk(*root, tally, out);
  for (const json::Value chunk : *root) {
    if (Result<> read = read_chunk(chunk, tally, out); !read) return read;
  }
  return {};
}

Result<> AnswerEncoder::read_chunk(json::Value chunk, gemini::Tally& tally, std::string& out) {
  if (!chunk.is_object()) return fail(broken("The upstream sent a chunk that is no object."));
  if (const json::Value error = chunk["error"]; error.is_object()) {
    return fail(upstream_said(error));
  }
  if (const json::Value usage = chunk["usageMetadata"]) read_usage(usage, tally.usage);
  const json::Value reason = chunk["promptFeedback"]["blockReason"];
  if (reason.is_string()) {
    tally.finished = true;
    tally.finish_reason = "BLOCKED:";
    tally.finish_reason += reason.string_or("").substr(0, kMaxReason);
  }
  for (const json::Value candidate : chunk["candidates"]) {
    if (candidate["index"].integer().value_or(0) == 0) read_candidate(candidate, tally, out);
  }
  end_chunk(out);
  tally.content = given_.text || given_.calls || thought_given_;
  return {};
}

void AnswerEncoder::read_candidate(json::Value candidate, gemini::Tally& tally, std::string& out) {
  const std::string_view reason = candidate["finishReason"].string_or("").substr(0, kMaxReason);
  if (!reason.empty()) {
    tally.finished = true;
    tally.finish_reason = reason;
    if (const std::string_view message = candidate["finishMessage"].escaped();
        !message.empty() && message.size() <= kMaxMessage) {
      finish_message_ = message;
    }
  }
  if (shape_.logprobs) {
    if (const json::Value result = candidate["logprobsResult"]) give_logprobs(result, out);
  }
  first_of_chunk_ = true;
  const bool malformed = is_malformed(reason);
  for (const json::Value part : candidate["content"]["parts"]) {
    if (part.is_object()) read_part(part, malformed, out);
  }
  if (shape_.annotations) {
    if (const json::Value grounding = candidate["groundingMetadata"]) {
      annotations_.clear();
      append_annotations(annotations_, grounding, positions_);
    }
  }
}

// Indices of parts in grounding count those of the whole answer; in a stream,
// texts that follow each other are one part.
void AnswerEncoder::place_part(PartKind kind) {
  const bool continues =
      std::exchange(first_of_chunk_, false) && kind == last_part_ && kind != PartKind::kOther;
  last_part_ = kind;
  if (shape_.annotations && !continues) positions_.begin_part(kind != PartKind::kThought);
}

void AnswerEncoder::text(Pieces pieces, std::string_view signature, std::string& out) {
  if (shape_.annotations) {
    for (const std::string_view piece : pieces) positions_.append(piece);
  }
  given_.text = true;
  give_text(pieces, signature, out);
}

void AnswerEncoder::read_part(json::Value part, bool malformed, std::string& out) {
  const std::string_view signature = part["thoughtSignature"].escaped();
  const bool thought = part["thought"].boolean().value_or(false);
  if (const json::Value value = part["text"]; value.is_string()) {
    const std::string_view escaped = value.escaped();
    place_part(thought ? PartKind::kThought : PartKind::kText);
    if (thought) {
      if (escaped.empty() || !shape_.show_thoughts) return;
      thought_given_ = true;
      give_thought(escaped, out);
    } else if (!escaped.empty()) {
      text({escaped}, signature, out);
    } else if (!signature.empty()) {
      give_text({}, signature, out);  // the last part of an answer often is a signature alone
    }
    return;
  }
  place_part(thought ? PartKind::kThought : PartKind::kOther);
  if (thought) return;  // drafts of images
  if (const json::Value call = part["functionCall"]) {
    if (!malformed) read_call(call, signature, out);
  } else if (part["inlineData"] || part["fileData"]) {
    read_media(part, out);
  } else if (part["executableCode"] || part["codeExecutionResult"]) {
    read_code(part, out);
  }
  // Others (toolCall, toolResponse, what comes in future) say nothing to a chat client.
}

void AnswerEncoder::read_call(json::Value call, std::string_view signature, std::string& out) {
  if (call["name"].string_or("").empty()) return;
  given_.calls = true;
  give_call(read_tool_call(call, signature, shape_, calls_), out);
  ++calls_;
}

void AnswerEncoder::read_media(json::Value part, std::string& out) {
  const json::Value data = part["inlineData"];
  const std::string_view type = (data ? data : part["fileData"])["mimeType"].escaped();
  const std::string_view label = type.starts_with("image") ? "![image](" : "[file](";
  if (!data) {
    text({label, part["fileData"]["fileUri"].escaped(), ")"}, {}, out);
  } else if (const std::string_view base64 = data["data"].escaped(); !base64.empty()) {
    text({label, "data:", type, ";base64,", base64, ")"}, {}, out);
  }
}

void AnswerEncoder::read_code(json::Value part, std::string& out) {
  if (const std::string_view code = part["executableCode"]["code"].escaped(); !code.empty()) {
    text({"\\n```python\\n", code, "\\n```\\n"}, {}, out);
  } else if (const std::string_view output = part["codeExecutionResult"]["output"].escaped();
             !output.empty()) {
    text({"\\n```output\\n", output, "\\n```\\n"}, {}, out);
  }
}

Ending AnswerEncoder::ending(const gemini::Tally& tally, bool streamed) const {
  if (!any_frame_) {
    return {.kind = Ending::Kind::kFailed,
            .error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                    "The upstream answered with nothing.")};
  }
  if (!tally.finished) {
    return {.kind = Ending::Kind::kFailed,
            .error = broken("The upstream ended the answer before it was complete.")};
  }
  return judge_ending(tally.finish_reason, given_, streamed);
}

}  // namespace wasat::dialect::openai_chat
