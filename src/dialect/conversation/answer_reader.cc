#include "dialect/conversation/answer_reader.h"

#include <algorithm>
#include <utility>

#include "dialect/conversation/given_call.h"
#include "dialect/conversation/usage.h"
#include "dialect/media_link.h"
#include "gemini/redact.h"

namespace wasat::dialect {
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

Result<> AnswerReader::frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) {
  thread_local json::Document document;
  const auto root = document.parse(frame.json);
  if (!root) return fail(broken("The upstream sent a chunk that is not JSON."));
  any_frame_ = true;
  if (!root->is_array()) return read_chunk(*root, frame.call, tally, out);
  for (const json::Value chunk : *root) {
    if (Result<> read = read_chunk(chunk, frame.call, tally, out); !read) return read;
  }
  return {};
}

Result<> AnswerReader::read_chunk(json::Value chunk, std::uint32_t call, gemini::Tally& tally,
                                  std::string& out) {
  if (!chunk.is_object()) return fail(broken("The upstream sent a chunk that is no object."));
  if (const json::Value error = chunk["error"]; error.is_object()) {
    return fail(upstream_said(error));
  }
  choice_ = std::min(call, static_cast<std::uint32_t>(progress_.size()) - 1);
  if (const json::Value usage = chunk["usageMetadata"]) {
    read_usage(usage, tally.usage);
    usage_ = tally.usage;
  }
  const json::Value reason = chunk["promptFeedback"]["blockReason"];
  if (reason.is_string()) {
    current().finished = tally.finished = true;
    current().finish_reason = "BLOCKED:";
    current().finish_reason += reason.string_or("").substr(0, kMaxReason);
    tally.finish_reason = current().finish_reason;
  }
  for (const json::Value candidate : chunk["candidates"]) {
    const std::int64_t index = candidate["index"].integer().value_or(0);
    if (index < 0 || index >= static_cast<std::int64_t>(progress_.size()) - call) continue;
    choice_ = call + static_cast<std::uint32_t>(index);
    read_candidate(candidate, tally, out);
    tally.content |= current().given.text || current().given.calls || current().thought_given;
  }
  end_chunk(out);
  return {};
}

void AnswerReader::read_end(json::Value candidate, std::string_view reason, gemini::Tally& tally) {
  current().finished = tally.finished = true;
  current().finish_reason = reason;
  tally.finish_reason = reason;
  tally.continuation.clear();
  if (reason == "CONTINUATION") tally.continuation = candidate["continuationToken"].escaped();
  if (const std::string_view message = candidate["finishMessage"].escaped();
      !message.empty() && message.size() <= kMaxMessage) {
    current().finish_message = message;
  }
}

void AnswerReader::read_candidate(json::Value candidate, gemini::Tally& tally, std::string& out) {
  const std::string_view reason = candidate["finishReason"].string_or("").substr(0, kMaxReason);
  if (!reason.empty()) read_end(candidate, reason, tally);
  if (shape_.logprobs) {
    if (const json::Value result = candidate["logprobsResult"]) give_logprobs(result, out);
  }
  first_of_chunk_ = true;
  const bool malformed = is_malformed(reason);
  for (const json::Value part : candidate["content"]["parts"]) {
    if (part.is_object()) read_part(part, malformed, tally, out);
  }
  if (const json::Value grounding = candidate["groundingMetadata"]) {
    const auto searches = static_cast<std::int64_t>(grounding["webSearchQueries"].size());
    tally.usage.searches = std::max(tally.usage.searches, searches);
    read_grounding(grounding, out);
  }
  if (const json::Value pages = candidate["urlContextMetadata"]) give_url_context(pages, out);
  if (!reason.empty() && !current().links.empty() && current().given.text) {
    text({std::exchange(current().links, {})}, {}, out);
  }
}

void AnswerReader::read_grounding(json::Value grounding, std::string& out) {
  if (shape_.annotations) give_grounding(grounding, out);
  if (!shape_.search_links) return;
  if (std::string links = page_links(grounding); !links.empty()) {
    current().links = std::move(links);
  }
}

// Indices of parts in grounding count those of the whole answer; in a stream,
// texts that follow each other are one part.
void AnswerReader::place_part(PartKind kind) {
  const bool continues = std::exchange(first_of_chunk_, false) && kind == current().last_part &&
                         kind != PartKind::kOther;
  current().last_part = kind;
  if (shape_.annotations && !continues) {
    current().positions.begin_part(kind != PartKind::kThought);
  }
}

void AnswerReader::text(Pieces pieces, std::string_view signature, std::string& out) {
  if (shape_.annotations) {
    for (const std::string_view piece : pieces) current().positions.append(piece);
  }
  current().given.text = true;
  give_text(pieces, signature, out);
}

void AnswerReader::read_part(json::Value part, bool malformed, gemini::Tally& tally,
                             std::string& out) {
  const std::string_view signature = part["thoughtSignature"].escaped();
  const bool thought = part["thought"].boolean().value_or(false);
  if (const json::Value value = part["text"]; value.is_string()) {
    const std::string_view escaped = value.escaped();
    place_part(thought ? PartKind::kThought : PartKind::kText);
    if (thought) {
      if (!shape_.show_thoughts || (escaped.empty() && signature.empty())) return;
      if (!escaped.empty()) current().thought_given = true;
      give_thought(escaped, signature, out);
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
    if (!malformed) read_call(call, signature, tally, out);
  } else if (part["inlineData"] || part["fileData"]) {
    if (part["fileData"] || !part["inlineData"]["data"].escaped().empty()) {
      current().given.text = true;
      tally_ = &tally;
      give_media(part, signature, out);
    }
  } else if (part["executableCode"] || part["codeExecutionResult"]) {
    current().given.text = true;
    give_code(part, out);
  }
  // Others (toolCall, toolResponse, what comes in future) say nothing to other vendors' clients.
}

void AnswerReader::read_call(json::Value function_call, std::string_view signature,
                             gemini::Tally& tally, std::string& out) {
  if (function_call["name"].string_or("").empty()) return;
  const GivenCall call = given_call(function_call, signature, shape_, choice_, calls());
  if (!signature.empty()) {
    tally.memos.push_back(
        {.kind = gemini::Memo::Kind::kSignature, .key = call.id, .value = std::string(signature)});
  }
  current().given.calls = true;
  give_call(call, out);
  ++current().calls;
}

void AnswerReader::give_media(json::Value part, std::string_view signature, std::string& out) {
  const json::Value data = part["inlineData"];
  const std::string_view type = (data ? data : part["fileData"])["mimeType"].escaped();
  const std::string_view label = type.starts_with("image") ? "![image](" : "[file](";
  const std::string link = media_link(shape_.context, *tally_, ++media_,
                                      data["mimeType"].string_or(""), data["data"].string_or(""));
  if (!data) {
    text({label, part["fileData"]["fileUri"].escaped(), ")"}, signature, out);
  } else if (!link.empty()) {
    text({label, link, ")"}, signature, out);
  } else {
    text({label, "data:", type, ";base64,", data["data"].escaped(), ")"}, signature, out);
  }
}

void AnswerReader::give_code(json::Value part, std::string& out) {
  if (const std::string_view code = part["executableCode"]["code"].escaped(); !code.empty()) {
    text({"\\n```python\\n", code, "\\n```\\n"}, {}, out);
  } else if (const std::string_view output = part["codeExecutionResult"]["output"].escaped();
             !output.empty()) {
    text({"\\n```output\\n", output, "\\n```\\n"}, {}, out);
  }
}

void AnswerReader::give_grounding(json::Value /*grounding*/, std::string& /*out*/) {}
void AnswerReader::give_url_context(json::Value, std::string&) {}

void AnswerReader::give_logprobs(json::Value /*result*/, std::string& /*out*/) {}
void AnswerReader::end_chunk(std::string& /*out*/) {}

Ending AnswerReader::ending(const gemini::Tally& tally, bool streamed) const {
  if (!any_frame_) {
    return {.kind = Ending::Kind::kFailed,
            .error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                    "The upstream answered with nothing.")};
  }
  if (!tally.finished) {
    return {.kind = Ending::Kind::kFailed,
            .error = broken("The upstream ended the answer before it was complete.")};
  }
  return judge_ending(tally.finish_reason, progress_.front().given, streamed);
}

Ending AnswerReader::ending_of(const Progress& progress, bool streamed) {
  if (!progress.finished) {
    return {.kind = Ending::Kind::kFailed,
            .error = broken("The upstream ended the answer before it was complete.")};
  }
  return judge_ending(progress.finish_reason, progress.given, streamed);
}

Result<std::vector<Ending>> AnswerReader::endings(const gemini::Tally& tally, bool streamed) const {
  std::vector<Ending> ends;
  if (progress_.size() == 1) {
    ends.push_back(ending(tally, streamed));
  } else {
    for (const Progress& progress : progress_) ends.push_back(ending_of(progress, streamed));
  }
  const auto failed = [](const Ending& end) { return end.kind == Ending::Kind::kFailed; };
  if (std::ranges::all_of(ends, failed)) return fail(std::move(ends.front().error));
  for (Ending& end : ends) {
    if (failed(end)) end = {};  // beside others it just says nothing
  }
  return ends;
}

}  // namespace wasat::dialect
