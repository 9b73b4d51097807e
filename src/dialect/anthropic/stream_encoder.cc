#include "dialect/anthropic/stream_encoder.h"

#include "dialect/anthropic/errors.h"
#include "dialect/anthropic/stop_reason.h"
#include "dialect/anthropic/usage.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {

// Waits for the first content, so that an empty answer leaves no trace.
void StreamEncoder::start_message(std::string& out) {
  if (started_) return;
  started_ = true;
  out += "event: message_start\ndata: ";
  out += R"({"type":"message_start","message":{"id":"msg_)";
  out += shape().context.id;
  out += R"(","type":"message","role":"assistant","model":")";
  out += shape().model_label;
  out += R"(","content":[],"stop_reason":null,"stop_sequence":null,"usage":)";
  append_usage(out, usage());
  out += "}}\n\n";
}

void StreamEncoder::start_block(std::string_view json, std::string& out) {
  start_message(out);
  const std::string index = std::to_string(index_);
  out += R"(event: content_block_start
data: {"type":"content_block_start","index":)";
  out += index;
  out += R"(,"content_block":)";
  out += json;
  out += "}\n\n";
  delta_head_ = R"(event: content_block_delta
data: {"type":"content_block_delta","index":)";
  delta_head_ += index;
  delta_head_ += R"(,"delta":{"type":")";
}

void StreamEncoder::stop_block(std::string& out) {
  out += R"(event: content_block_stop
data: {"type":"content_block_stop","index":)";
  out += std::to_string(index_++);
  out += "}\n\n";
}

void StreamEncoder::begin_delta(std::string_view type, std::string& out) const {
  out += delta_head_;
  out += type;
  out += R"(",)";
}

void StreamEncoder::start_text(std::string& out) {
  start_block(R"({"type":"text","text":""})", out);
  delta_head_ += R"(text_delta","text":")";
}

void StreamEncoder::add_text(Pieces pieces, std::string& out) {
  out += delta_head_;
  for (const std::string_view piece : pieces) out += piece;
  out += "\"}}\n\n";
}

void StreamEncoder::end_text(const std::vector<std::string>& citations, std::string& out) {
  if (!citations.empty()) {
    delta_head_.resize(delta_head_.size() - std::string_view(R"(text_delta","text":")").size());
    for (const std::string& citation : citations) {
      begin_delta("citations_delta", out);
      out += R"("citation":)";
      out += citation;
      out += "}}\n\n";
    }
  }
  stop_block(out);
}

void StreamEncoder::start_thinking(std::string& out) {
  start_block(R"({"type":"thinking","thinking":"","signature":""})", out);
}

void StreamEncoder::add_thought(std::string_view escaped, std::string& out) {
  begin_delta("thinking_delta", out);
  out += R"("thinking":")";
  out += escaped;
  out += "\"}}\n\n";
}

void StreamEncoder::end_thinking(std::string_view carrier, std::string& out) {
  begin_delta("signature_delta", out);
  out += R"("signature":")";
  out += carrier;
  out += "\"}}\n\n";
  stop_block(out);
}

void StreamEncoder::put_tool_use(const ToolUse& use, std::string& out) {
  std::string head;
  json::Writer writer(head);
  writer.begin_object().member("type", use.type).member("id", use.id).member("name", use.name);
  writer.key("input").begin_object().end_object().end_object();
  start_block(head, out);
  begin_delta("input_json_delta", out);
  out += R"("partial_json":")";
  out += use.escaped;
  out += "\"}}\n\n";
  stop_block(out);
}

void StreamEncoder::put_block(std::string_view json, std::string& out) {
  start_block(json, out);
  stop_block(out);
}

Result<> StreamEncoder::finish(gemini::Tally& tally, std::string& out) {
  EndReason reason{};
  if (Result<> closed = close(tally, true, reason, out); !closed) return closed;
  start_message(out);
  out += "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{";
  append_stop(out, reason, tally.finish_reason, finish_message());
  out += R"(},"usage":)";
  append_usage(
      out, tally.usage,
      {.searches = server_tools().search_count(), .fetches = server_tools().fetch_count()});
  out += "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  return {};
}

void StreamEncoder::error(const Error& error, std::string& out) {
  out += "event: error\ndata: ";
  append_error(out, error, shape().context.id);
  out += "\n\n";
}

void StreamEncoder::heartbeat(std::string& out) {
  // A message begins with message_start; before that only a comment says nothing.
  out += started_ ? "event: ping\ndata: {\"type\":\"ping\"}\n\n" : ": keep-alive\n\n";
}

}  // namespace wasat::dialect::anthropic
