#include "dialect/anthropic/unary_encoder.h"

#include <algorithm>
#include <utility>

#include "dialect/anthropic/stop_reason.h"
#include "dialect/anthropic/usage.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

constexpr std::string_view kThinkingStart = R"({"type":"thinking","thinking":")";
constexpr std::string_view kSignature = R"(","signature":")";
constexpr std::string_view kThinkingEnd = "\"},";

}  // namespace

void UnaryEncoder::start_text(std::string&) {
  last_text_ = content_.size();
  first_text_ = std::min(first_text_, last_text_);
  content_ += R"({"type":"text","text":")";
}

void UnaryEncoder::add_text(Pieces pieces, std::string&) {
  for (const std::string_view piece : pieces) content_ += piece;
}

void UnaryEncoder::end_text(const std::vector<std::string>& citations, std::string&) {
  content_ += '"';
  if (!citations.empty()) {
    content_ += R"(,"citations":)";
    char before = '[';
    for (const std::string& citation : citations) {
      content_ += std::exchange(before, ',');
      content_ += citation;
    }
    content_ += ']';
  }
  content_ += "},";
}

void UnaryEncoder::start_thinking(std::string&) { content_ += kThinkingStart; }

void UnaryEncoder::add_thought(std::string_view escaped, std::string&) { content_ += escaped; }

void UnaryEncoder::end_thinking(std::string_view carrier, std::string&) {
  content_ += kSignature;
  content_ += carrier;
  carrier_end_ = content_.size();
  carrier_size_ = carrier.size();
  content_ += kThinkingEnd;
}

// The text's signature came behind it; its place is before it.
void UnaryEncoder::late_signature(std::string_view signature) {
  const std::string late = carrier(signature);
  const std::size_t before = content_.size();
  if (carrier_end_ != 0 && carrier_end_ + kThinkingEnd.size() == last_text_) {
    content_.replace(carrier_end_ - carrier_size_, carrier_size_, late);
  } else {
    std::string block(kThinkingStart);
    block.append(kSignature).append(late).append(kThinkingEnd);
    content_.insert(last_text_, block);
  }
  if (first_text_ == last_text_) first_text_ += content_.size() - before;
  last_text_ += content_.size() - before;
  carrier_end_ = last_text_ - kThinkingEnd.size();
  carrier_size_ = late.size();
}

void UnaryEncoder::put_tool_use(const ToolUse& use, std::string&) {
  json::Writer writer(*into_);
  writer.begin_object().member("type", use.type).member("id", use.id).member("name", use.name);
  writer.member_raw("input", use.input).end_object();
  *into_ += ',';
}

void UnaryEncoder::put_block(std::string_view json, std::string&) {
  *into_ += json;
  *into_ += ',';
}

Result<> UnaryEncoder::finish(gemini::Tally& tally, std::string& out) {
  // A refused prompt is an answer, not an error, whichever way it was asked for.
  const bool blocked = tally.finish_reason.starts_with("BLOCKED:");
  EndReason reason{};
  if (Result<> closed = close(tally, blocked, reason, out); !closed) return closed;
  out.reserve(out.size() + content_.size() + sources_.size() + 640);
  out += R"({"id":"msg_)";
  out += shape().context.id;
  out += R"(","type":"message","role":"assistant","model":")";
  out += shape().model_label;
  out += R"(","content":[)";
  const std::size_t split = std::min(first_text_, content_.size());
  out.append(content_, 0, split);
  out += sources_;
  out.append(content_, split);
  if (out.back() == ',') out.pop_back();
  out += "],";
  append_stop(out, reason, tally.finish_reason, finish_message());
  out += R"(,"usage":)";
  append_usage(
      out, tally.usage,
      {.searches = server_tools().search_count(), .fetches = server_tools().fetch_count()});
  out += '}';
  return {};
}

}  // namespace wasat::dialect::anthropic
