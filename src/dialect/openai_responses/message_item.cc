#include "dialect/openai_responses/message_item.h"

#include <utility>

#include "dialect/openai_chat/logprobs.h"

namespace wasat::dialect::openai_responses {
namespace {

// Characters of a string, as clients count them.
std::int64_t count_characters(std::string_view escaped) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const auto byte = static_cast<unsigned char>(escaped[i]);
    if ((byte & 0xc0) == 0x80) continue;
    ++count;
    if (byte != '\\') continue;
    ++i;
    if (i >= escaped.size() || escaped[i] != 'u') continue;
    // The second half of a surrogate pair is no character of its own.
    const char third = i + 2 < escaped.size() ? escaped[i + 2] : '0';
    const bool second_half = (escaped[i + 1] == 'd' || escaped[i + 1] == 'D') &&
                             ((third >= 'c' && third <= 'f') || (third >= 'C' && third <= 'F'));
    if (second_half) --count;
    i += 4;
  }
  return count;
}

}  // namespace

void MessageItem::open(std::string& out) {
  id_ = items_.next_id("msg");
  text_.clear();
  logprobs_.clear();
  annotations_.clear();
  signature_.clear();
  if (!items_.streamed()) return;
  Events& events = items_.events();
  items_.begin(R"({"id":")" + id_ +
                   R"(","type":"message","status":"in_progress","role":"assistant","content":[]})",
               out);
  events.begin(out, "response.content_part.added");
  Events::append_place(out, id_, items_.index());
  out +=
      R"(,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})";
  events.end(out);
  delta_head_.clear();
  events.begin(delta_head_, "response.output_text.delta");
  Events::append_place(delta_head_, id_, items_.index());
  delta_head_ += R"(,"content_index":0,"delta":")";
}

void MessageItem::give(std::initializer_list<std::string_view> pieces, std::string& out) {
  for (const std::string_view piece : pieces) text_ += piece;
  if (items_.streamed()) {
    out += delta_head_;
    for (const std::string_view piece : pieces) out += piece;
    out += R"(","logprobs":[)";
    out += new_logprobs_;
    out += ']';
    items_.events().end(out);
  }
  if (new_logprobs_.empty()) return;
  if (!logprobs_.empty()) logprobs_ += ',';
  logprobs_ += new_logprobs_;
  new_logprobs_.clear();
}

void MessageItem::add_logprobs(json::Value result) {
  openai_chat::append_logprobs(new_logprobs_, result);
}

std::string MessageItem::part() const {
  std::string part;
  part.reserve(text_.size() + annotations_.size() + logprobs_.size() + 128);
  part += R"({"type":"output_text","text":")";
  part += text_;
  part += R"(","annotations":[)";
  part += annotations_;
  part += R"(],"logprobs":[)";
  part += logprobs_;
  part += "]}";
  return part;
}

// What is not streamed can still be put in front of its message.
void MessageItem::place_signature(std::string& out) {
  if (signature_.empty() || items_.streamed()) return;
  if (!items_.sign_last(signature_)) items_.add_carrier(signature_, false, out);
  signature_.clear();
}

void MessageItem::add_annotations(std::string& out) {
  if (searches_.pages().empty()) return;
  const std::int64_t length = count_characters(text_);
  std::size_t index = 0;
  for (const Page& page : searches_.pages()) {
    const std::int64_t start = page.start - characters_;
    const std::int64_t end = page.end - characters_;
    if (start < 0 || end > length) continue;  // of another message
    const std::string annotation = write_citation(page, start, end);
    if (items_.streamed()) {
      Events& events = items_.events();
      events.begin(out, "response.output_text.annotation.added");
      Events::append_place(out, id_, items_.index());
      out += R"(,"content_index":0,"annotation_index":)";
      Events::append_number(out, index);
      out += R"(,"annotation":)";
      out += annotation;
      events.end(out);
    }
    if (index++ != 0) annotations_ += ',';
    annotations_ += annotation;
  }
}

void MessageItem::close(std::string_view status, std::string& out) {
  place_signature(out);
  add_annotations(out);
  const std::string content = part();
  if (items_.streamed()) {
    Events& events = items_.events();
    out.reserve(out.size() + 5 * text_.size() + 2048);
    events.begin(out, "response.output_text.done");
    Events::append_place(out, id_, items_.index());
    out += R"(,"content_index":0,"text":")";
    out += text_;
    out += R"(","logprobs":[)";
    out += logprobs_;
    out += ']';
    events.end(out);
    events.begin(out, "response.content_part.done");
    Events::append_place(out, id_, items_.index());
    out += R"(,"content_index":0,"part":)";
    out += content;
    events.end(out);
  }
  std::string item;
  item.reserve(content.size() + 160);
  item += R"({"id":")";
  item += id_;
  item += R"(","type":"message","status":")";
  item += status;
  item += R"(","role":"assistant","content":[)";
  item += content;
  item += "]}";
  items_.add(item, out);
  if (items_.shape().annotations) characters_ += count_characters(text_);
  if (!signature_.empty()) items_.add_carrier(std::exchange(signature_, {}), true, out);
}

}  // namespace wasat::dialect::openai_responses
