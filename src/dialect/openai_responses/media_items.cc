#include "dialect/openai_responses/media_items.h"

#include <algorithm>

namespace wasat::dialect::openai_responses {
namespace {

// "png"
std::string_view image_format(std::string_view mime_type) {
  constexpr std::string_view kImage = "image/";
  return mime_type.substr(std::min(kImage.size(), mime_type.size()));
}

}  // namespace

void give_image_item(std::string_view mime_type, std::string_view base64, Items& items,
                     std::string& out) {
  const std::string id = items.next_id("ig");
  const std::string head = R"({"id":")" + id + R"(","type":"image_generation_call","status":")";
  if (items.streamed()) {
    Events& events = items.events();
    items.begin(head + R"(in_progress","result":null})", out);
    events.plain(out, "response.image_generation_call.in_progress", id, items.index());
    events.plain(out, "response.image_generation_call.generating", id, items.index());
    events.plain(out, "response.image_generation_call.completed", id, items.index());
  }
  std::string item;
  item.reserve(base64.size() + 256);
  item += head;
  item += R"(completed","output_format":")";
  item += image_format(mime_type);
  item += R"(","result":")";
  item += base64;
  item += "\"}";
  items.add(item, out);
}

std::string CodeItem::head(std::string_view status, std::string_view code) const {
  std::string head = R"({"id":")" + id_;
  head += R"(","type":"code_interpreter_call","status":")";
  head += status;
  head += R"(","code":")";
  head += code;
  head += R"(","container_id":"cntr_)";
  head += items_.shape().context.id;
  head += R"(","outputs":[)";
  return head;
}

void CodeItem::open(std::string_view code, std::string& out) {
  id_ = items_.next_id("ci");
  code_ = code;
  if (!items_.streamed()) return;
  Events& events = items_.events();
  items_.begin(head("in_progress", {}) + "]}", out);
  events.plain(out, "response.code_interpreter_call.in_progress", id_, items_.index());
  events.string(out, "response.code_interpreter_call_code.delta", id_, items_.index(), "delta",
                code_);
  events.string(out, "response.code_interpreter_call_code.done", id_, items_.index(), "code",
                code_);
  events.plain(out, "response.code_interpreter_call.interpreting", id_, items_.index());
}

void CodeItem::close(std::string_view logs, std::string& out) {
  items_.events().plain(out, "response.code_interpreter_call.completed", id_, items_.index());
  std::string item = head("completed", code_);
  if (!logs.empty()) {
    item += R"({"type":"logs","logs":")";
    item += logs;
    item += "\"}";
  }
  item += "]}";
  items_.add(item, out);
}

}  // namespace wasat::dialect::openai_responses
