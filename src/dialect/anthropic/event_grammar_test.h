// The rules of Anthropic's event stream and of its messages, for tests: what the
// strictest of the clients refuses is a problem here.

#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/body.h"
#include "json/reader.h"

namespace wasat::dialect::anthropic::test {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, text) != names.end();
}

inline bool is_stop_reason(json::Value reason) {
  constexpr std::array<std::string_view, 4> kReasons = {"end_turn", "max_tokens", "tool_use",
                                                        "refusal"};
  return is_one_of(reason.string_or(""), kReasons);
}

inline bool is_tool_id(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

inline bool is_usage(json::Value usage) {
  for (const char* name : {"input_tokens", "output_tokens", "cache_read_input_tokens"}) {
    if (usage[name].integer().value_or(-1) < 0) return false;
  }
  return true;
}

inline bool is_tool_result(std::string_view type) {
  constexpr std::array<std::string_view, 3> kResults = {
      "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result"};
  return is_one_of(type, kResults);
}

// What is wrong with a content block; empty: nothing. `starting`: as it stands in
// content_block_start, where what deltas bring is still empty.
inline std::string block_problem(json::Value block, bool starting) {
  const std::string_view type = block["type"].string_or("");
  if (type == "text") {
    if (!block["text"].is_string()) return "a text without text";
    if (block["text"].escaped().empty() != starting) return "a text that is (not) empty";
  } else if (type == "thinking") {
    if (!block["thinking"].is_string()) return "thinking without thinking";
    if (!block["signature"].is_string()) return "thinking without signature";
    if (block["signature"].escaped().empty() != starting) return "a signature that is (not) empty";
  } else if (type == "redacted_thinking") {
    if (block["data"].escaped().empty()) return "redacted_thinking without data";
  } else if (type == "tool_use" || type == "server_tool_use") {
    if (!is_tool_id(block["id"].string_or(""))) return "a tool's id";
    if (block["name"].string_or("").empty()) return "a tool without name";
    if (!block["input"].is_object()) return "a tool without input";
    if (starting && block["input"].size() != 0) return "input before its deltas";
  } else if (is_tool_result(type)) {
    if (!is_tool_id(block["tool_use_id"].string_or(""))) return "a result of no tool";
    if (!block["content"]) return "a result without content";
  } else {
    return "a block of type '" + std::string(type) + "'";
  }
  return {};
}

// Reads a stream event by event.
class EventChecker {
 public:
  // Of the whole stream; empty: it keeps to the rules. `complete`: it must have ended.
  std::string check(std::string_view stream, bool complete) {
    while (problem_.empty() && !stream.empty()) {
      const std::size_t end = stream.find("\n\n");
      if (end == stream.npos) return "an event without an empty line behind it";
      read(stream.substr(0, end));
      stream.remove_prefix(end + 2);
    }
    if (problem_.empty() && complete && !ended_) problem_ = "the stream does not end";
    return problem_;
  }

  const std::string& text() const { return text_; }
  const std::string& thoughts() const { return thoughts_; }
  int calls() const { return calls_; }
  bool failed() const { return failed_; }

 private:
  void expect(bool holds, std::string_view otherwise) {
    if (!holds && problem_.empty()) problem_ = otherwise;
  }

  void read(std::string_view event) {
    if (event.starts_with(": ")) {
      expect(!started_ && event.find('\n') == event.npos, "a comment within the message");
      return;
    }
    constexpr std::string_view kEvent = "event: ";
    constexpr std::string_view kData = "\ndata: ";
    const std::size_t data = event.find(kData);
    expect(event.starts_with(kEvent) && data != event.npos, "no event");
    if (!problem_.empty()) return;
    const std::string_view name = event.substr(kEvent.size(), data - kEvent.size());
    const std::string_view json = event.substr(data + kData.size());
    expect(json.find('\n') == json.npos, "data of several lines");
    const auto buffer = Buffer::copy_of(json);
    json::Document document;
    const auto root = document.parse(buffer->padded(), json::kMaxDepth + 16);
    expect(root.has_value(), "data that is no JSON");
    if (!root) return;
    expect((*root)["type"].string_or("") == name, "an event of another name than its type");
    expect(!ended_, "an event behind the end");
    dispatch(name, *root);
  }

  void dispatch(std::string_view name, json::Value data) {
    if (name == "error") {
      expect(!data["error"]["type"].string_or("").empty(), "an error without type");
      expect(data["error"]["message"].is_string(), "an error without message");
      ended_ = failed_ = true;
    } else if (name == "message_start") {
      start_message(data["message"]);
    } else if (!started_) {
      expect(false, "an event before message_start");
    } else if (name == "content_block_start") {
      start_block(data);
    } else if (name == "content_block_delta") {
      read_delta(data);
    } else if (name == "content_block_stop") {
      stop_block(data);
    } else if (name == "message_delta") {
      expect(!open_ && !closing_, "message_delta within a block, or twice");
      expect(is_stop_reason(data["delta"]["stop_reason"]), "no stop_reason");
      expect(is_usage(data["usage"]), "message_delta without usage");
      closing_ = true;
    } else if (name == "message_stop") {
      expect(closing_, "message_stop without message_delta");
      ended_ = true;
    } else {
      expect(name == "ping", "an event that no client knows");
    }
  }

  void start_message(json::Value message) {
    expect(!started_, "message_start twice");
    expect(message["id"].string_or("").starts_with("msg_"), "the message's id");
    expect(message["type"].string_or("") == "message", "the message's type");
    expect(message["role"].string_or("") == "assistant", "the message's role");
    expect(message["model"].is_string(), "the message's model");
    expect(message["content"].is_array() && message["content"].size() == 0, "content at the start");
    expect(message["stop_reason"].is_null() && message["stop_sequence"].is_null(), "a reason");
    expect(is_usage(message["usage"]), "message_start without usage");
    started_ = true;
  }

  void start_block(json::Value data) {
    expect(!open_ && !closing_, "a block within a block, or behind message_delta");
    expect(data["index"].integer() == index_, "an index that does not follow");
    const json::Value block = data["content_block"];
    const std::string problem = block_problem(block, true);
    expect(problem.empty(), problem);
    open_ = true;
    kind_ = block["type"].string_or("");
    if (kind_ == "tool_use") ++calls_;
    input_.clear();
    signed_ = false;
  }

  void read_delta(json::Value data) {
    const json::Value delta = data["delta"];
    const std::string_view type = delta["type"].string_or("");
    expect(open_ && data["index"].integer() == index_, "a delta of no open block");
    if (type == "text_delta") {
      expect(kind_ == "text" && !delta["text"].string_or("").empty(), "a text_delta");
      text_ += delta["text"].string_or("");
    } else if (type == "citations_delta") {
      expect(kind_ == "text" && delta["citation"]["type"].is_string(), "a citations_delta");
    } else if (type == "thinking_delta") {
      expect(kind_ == "thinking" && delta["thinking"].is_string() && !signed_, "a thinking_delta");
      thoughts_ += delta["thinking"].string_or("");
    } else if (type == "signature_delta") {
      expect(kind_ == "thinking" && !delta["signature"].string_or("").empty() && !signed_,
             "a signature_delta, or a second one");
      signed_ = true;
    } else if (type == "input_json_delta") {
      expect(kind_.ends_with("tool_use") && delta["partial_json"].is_string(), "input");
      input_ += delta["partial_json"].string_or("");
    } else {
      expect(false, "a delta that no client knows");
    }
  }

  void stop_block(json::Value data) {
    expect(open_ && data["index"].integer() == index_, "the end of no open block");
    expect(kind_ != "thinking" || signed_, "thinking that nobody signed");
    if (kind_.ends_with("tool_use") && !input_.empty()) {  // nothing is an empty object
      const auto buffer = Buffer::copy_of(input_);
      json::Document document;
      const auto root = document.parse(buffer->padded(), json::kMaxDepth + 16);
      expect(root && root->is_object(), "input that is no object");
    }
    open_ = false;
    ++index_;
  }

  std::string problem_;
  bool started_ = false;
  bool open_ = false;
  bool signed_ = false;
  bool closing_ = false;
  bool ended_ = false;
  bool failed_ = false;
  std::int64_t index_ = 0;
  std::string kind_;   // of the open block
  std::string input_;  // of the open block, so far
  std::string text_;
  std::string thoughts_;
  int calls_ = 0;
};

// What is wrong with a whole message; empty: nothing.
inline std::string message_problem(json::Value message) {
  if (!message["id"].string_or("").starts_with("msg_")) return "the message's id";
  if (message["type"].string_or("") != "message") return "the message's type";
  if (message["role"].string_or("") != "assistant") return "the message's role";
  if (!is_stop_reason(message["stop_reason"])) return "no stop_reason";
  if (!is_usage(message["usage"])) return "no usage";
  if (!message["content"].is_array()) return "no content";
  for (const json::Value block : message["content"]) {
    if (std::string problem = block_problem(block, false); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace wasat::dialect::anthropic::test
