#include "dialect/openai_media/answer_notes.h"

#include <chrono>

#include "dialect/conversation/finish.h"
#include "dialect/conversation/usage.h"
#include "gemini/errors.h"
#include "gemini/frames.h"
#include "gemini/redact.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::size_t kMostCalls = 4096;

Error not_understood() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream's answer cannot be understood.");
}

}  // namespace

std::vector<json::Value> answer_parts(json::Value chunk) {
  std::vector<json::Value> parts;
  const json::Value candidates = chunk["candidates"];
  if (candidates.size() == 0) return parts;
  for (const json::Value part : (*candidates.begin())["content"]["parts"]) {
    if (part["thought"].boolean() != true) parts.push_back(part);
  }
  return parts;
}

Result<json::Value> AnswerNotes::read(const gemini::Frame& frame, gemini::Tally& tally) {
  if (gemini::is_error_chunk(frame.json)) {
    const gemini::SystemTime now{std::chrono::seconds(now_)};
    return fail(
        gemini::classify({.status = 200, .body = frame.json, .retry_after = {}, .now = now}).error);
  }
  Result<json::Value> root = document_.parse(frame.json);
  if (!root || !root->is_object() || frame.call >= kMostCalls) return fail(not_understood());
  if (calls_.size() <= frame.call) calls_.resize(frame.call + 1);
  Call& call = calls_[frame.call];
  if (Result<> read = gemini::read_chunk(frame.json, call.tally); !read) {
    return fail(std::move(read.error()));
  }
  read_details((*root)["usageMetadata"], call);
  const json::Value candidates = (*root)["candidates"];
  if (candidates.size() != 0) {
    const json::Value message = (*candidates.begin())["finishMessage"];
    if (message.is_string()) call.message = message.string_or("");
  }
  tally.finished = tally.finished || call.tally.finished;
  if (!call.tally.finish_reason.empty()) tally.finish_reason = call.tally.finish_reason;
  tally.usage = call.tally.usage;
  return root;
}

void AnswerNotes::read_details(json::Value usage, Call& call) {
  const json::Value details = usage["promptTokensDetails"];
  if (!details.is_array()) return;
  call.input_text = call.input_other = 0;
  for (const json::Value detail : details) {
    const std::int64_t count = detail["tokenCount"].integer().value_or(0);
    (detail["modality"].string_or("") == "TEXT" ? call.input_text : call.input_other) += count;
  }
}

Tokens AnswerNotes::tokens() const {
  Tokens tokens;
  for (const Call& call : calls_) {
    const CountedTokens counted = dialect::counted(call.tally.usage);
    tokens.input += counted.input;
    tokens.output += counted.output;
    tokens.input_text += call.input_text;
    tokens.input_other += call.input_other;
  }
  if (tokens.input_text + tokens.input_other == 0) tokens.input_text = tokens.input;
  return tokens;
}

Error AnswerNotes::nothing(std::string_view what, std::string_view said) const {
  std::string detail = "The model gave " + std::string(what);
  const Call* last = calls_.empty() ? nullptr : &calls_.back();
  const std::string_view reason =
      last == nullptr ? "" : std::string_view(last->tally.finish_reason);
  if (!reason.empty()) detail += " (finish reason " + std::string(reason) + ")";
  detail += '.';
  const std::string_view why = last != nullptr && said.empty() ? last->message : said;
  if (!why.empty()) detail += " It said: " + gemini::redacted(why, 512);
  const Ending ending = judge_ending(reason.empty() ? "STOP" : reason, {}, false);
  const bool refused = ending.kind == Ending::Kind::kFinished
                           ? ending.reason == EndReason::kFiltered
                           : ending.error.kind == ErrorKind::kContentBlocked;
  if (refused) {
    return upstream_error(ErrorKind::kContentBlocked, Retry::kNever,
                          detail + " Gemini's policy stopped it.");
  }
  // Words instead of media are the model's decision; another attempt would cost again.
  if (!said.empty()) {
    return upstream_error(ErrorKind::kUnsupported, Retry::kNever,
                          detail + " Asking in other words may help.");
  }
  return upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                        detail + " Trying again may help.");
}

}  // namespace wasat::dialect::openai_media
