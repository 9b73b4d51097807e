#include "dialect/openai_responses/reasoning_item.h"

#include "dialect/openai_responses/carrier.h"

namespace wasat::dialect::openai_responses {

void ReasoningItem::open(std::string& out) {
  id_ = items_.next_id("rs");
  text_.clear();
  if (!items_.streamed()) return;
  Events& events = items_.events();
  items_.begin(R"({"id":")" + id_ + R"(","type":"reasoning","summary":[]})", out);
  events.begin(out, "response.reasoning_summary_part.added");
  Events::append_place(out, id_, items_.index());
  out += R"(,"summary_index":0,"part":{"type":"summary_text","text":""})";
  events.end(out);
  delta_head_.clear();
  events.begin(delta_head_, "response.reasoning_summary_text.delta");
  Events::append_place(delta_head_, id_, items_.index());
  delta_head_ += R"(,"summary_index":0,"delta":")";
}

void ReasoningItem::give(std::string_view escaped, std::string& out) {
  text_ += escaped;
  if (!items_.streamed()) return;
  out += delta_head_;
  out += escaped;
  out += '"';
  items_.events().end(out);
}

void ReasoningItem::close(std::string_view signature, std::string& out) {
  if (items_.streamed()) {
    Events& events = items_.events();
    events.begin(out, "response.reasoning_summary_text.done");
    Events::append_place(out, id_, items_.index());
    out += R"(,"summary_index":0,"text":")";
    out += text_;
    out += '"';
    events.end(out);
    events.begin(out, "response.reasoning_summary_part.done");
    Events::append_place(out, id_, items_.index());
    out += R"(,"summary_index":0,"part":{"type":"summary_text","text":")";
    out += text_;
    out += "\"}";
    events.end(out);
  }
  std::string item =
      R"({"id":")" + id_ + R"(","type":"reasoning","summary":[{"type":"summary_text","text":")";
  item += text_;
  item += "\"}]";
  // Clients that keep no state at the server want one in every reasoning item, even an empty one.
  item += R"(,"encrypted_content":")";
  item += write_carrier(signature, items_.shape().upstream_model, false);
  item += "\"}";
  items_.add(item, out);
  if (signature.empty()) items_.note_unsigned();
}

}  // namespace wasat::dialect::openai_responses
