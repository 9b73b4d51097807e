// A strict reader of streamed responses, for tests and fuzz targets: order, numbers,
// indexes, sums of deltas, and that the last event repeats what was given.

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses::test {

class EventGrammar {
 public:
  // What is wrong first; empty: nothing. `complete`: it must have ended.
  static std::string problem(std::string_view stream, bool complete = true) {
    EventGrammar grammar;
    grammar.read(stream);
    if (complete && grammar.problem_.empty() && !grammar.ended_) grammar.wrong("it does not end");
    return grammar.problem_;
  }

 private:
  struct Item {
    std::string id;
    std::string type;
    std::size_t events = 0;  // between added and done
    bool part_open = false;
    bool text_done = false;
    bool part_done = false;
    std::string sum;  // of deltas, unescaped
    std::size_t annotations = 0;
  };

  void read(std::string_view stream) {
    while (!stream.empty() && problem_.empty()) {
      const auto end = stream.find("\n\n");
      if (end == stream.npos) return wrong("an event has no end");
      const std::string_view event = stream.substr(0, end);
      stream.remove_prefix(end + 2);
      if (event.starts_with(": ")) {
        if (event.find('\n') != event.npos) return wrong("a comment of several lines");
        continue;
      }
      read_event(event);
    }
  }

  void read_event(std::string_view event) {
    constexpr std::string_view kEvent = "event: ";
    constexpr std::string_view kData = "\ndata: ";
    const auto data = event.find(kData);
    if (!event.starts_with(kEvent) || data == event.npos) return wrong("no event: and data:");
    if (event.find('\n', data + 1) != event.npos || event.find('\r') != event.npos) {
      return wrong("an event of several lines");
    }
    name_ = event.substr(kEvent.size(), data - kEvent.size());
    const auto text = Buffer::copy_of(event.substr(data + kData.size()));
    json::Document document;
    const auto root = document.parse(text->padded(), json::kMaxDepth + 16);
    if (!root) return wrong("data is no JSON");
    if (ended_) return wrong("something follows the end");
    if ((*root)["type"].string_or("") != name_) return wrong("type differs from event");
    if ((*root)["sequence_number"].integer() != number_) return wrong("sequence_number");
    ++number_;
    read_data(*root);
  }

  void read_data(json::Value data) {
    if (number_ <= 2) {
      if (name_ != (number_ == 1 ? "response.created" : "response.in_progress")) {
        return wrong("the beginning");
      }
      const json::Value response = data["response"];
      if (response["status"].string_or("") != "in_progress") return wrong("status");
      if (!response["output"].is_array() || response["output"].size() != 0) wrong("output");
      response_id_ = response["id"].string_or("");
      if (!response_id_.starts_with("resp_")) wrong("id");
      return;
    }
    if (name_ == "response.output_item.added") return added(data);
    if (name_ == "response.output_item.done") return done(data);
    if (name_ == "response.completed" || name_ == "response.incomplete" ||
        name_ == "response.failed") {
      return last(data["response"]);
    }
    if (!open_) return wrong("no item is open");
    if (data["item_id"].string_or("") != item_.id) return wrong("item_id");
    if (data["output_index"].integer() != static_cast<std::int64_t>(items_.size())) {
      return wrong("output_index");
    }
    ++item_.events;
    within(data);
  }

  void added(json::Value data) {
    const json::Value item = data["item"];
    if (open_) return wrong("the item before is still open");
    if (data["output_index"].integer() != static_cast<std::int64_t>(items_.size())) {
      return wrong("output_index");
    }
    item_ = {.id = std::string(item["id"].string_or("")),
             .type = std::string(item["type"].string_or(""))};
    if (item_.id.empty() || !ids_.insert(item_.id).second) return wrong("id");
    const json::Value status = item["status"];
    if (status && status.string_or("") != "in_progress") return wrong("status");
    open_ = true;
  }

  void within(json::Value data) {
    if (item_.type == "message") return within_message(data);
    if (item_.type == "reasoning") return within_reasoning(data);
    static const std::map<std::string, std::pair<std::string, std::string>, std::less<>> kStrings =
        {{"function_call", {"response.function_call_arguments.", "arguments"}},
         {"custom_tool_call", {"response.custom_tool_call_input.", "input"}},
         {"code_interpreter_call", {"response.code_interpreter_call_code.", "code"}},
         {"apply_patch_call", {"response.apply_patch_call_operation_diff.", "diff"}}};
    const auto string = kStrings.find(item_.type);
    if (string != kStrings.end() && name_.starts_with(string->second.first)) {
      if (name_.ends_with(".delta")) return add(data["delta"]);
      if (!name_.ends_with(".done")) return wrong("unknown");
      item_.text_done = true;
      return same(data[string->second.second]);
    }
    static const std::map<std::string, std::vector<std::string>, std::less<>> kSteps = {
        {"web_search_call", {"in_progress", "searching", "completed"}},
        {"image_generation_call", {"in_progress", "generating", "completed"}},
        {"code_interpreter_call", {"in_progress", "", "", "interpreting", "completed"}}};
    const auto steps = kSteps.find(item_.type);
    if (steps == kSteps.end() || item_.events > steps->second.size() ||
        name_ != "response." + item_.type + "." + steps->second[item_.events - 1]) {
      wrong("not in this item or not now");
    }
  }

  void within_message(json::Value data) {
    if (data["content_index"].integer() != 0) return wrong("content_index");
    if (name_ == "response.content_part.added") {
      if (item_.events != 1 || data["part"]["text"].string_or("x") != "") wrong("not now");
      item_.part_open = true;
    } else if (!item_.part_open) {
      wrong("no part is open");
    } else if (name_ == "response.output_text.delta") {
      if (item_.text_done) return wrong("behind done");
      if (!data["logprobs"].is_array()) return wrong("logprobs");
      add(data["delta"]);
    } else if (name_ == "response.output_text.annotation.added") {
      if (data["annotation_index"].integer() != static_cast<std::int64_t>(item_.annotations++)) {
        wrong("annotation_index");
      }
    } else if (name_ == "response.output_text.done") {
      item_.text_done = true;
      same(data["text"]);
    } else if (name_ == "response.content_part.done") {
      if (!item_.text_done) return wrong("before the text's");
      item_.part_open = false;
      item_.part_done = true;
      same_part(data["part"]);
    } else {
      wrong("unknown");
    }
  }

  void within_reasoning(json::Value data) {
    if (data["summary_index"].integer() != 0) return wrong("summary_index");
    if (name_ == "response.reasoning_summary_part.added") {
      if (item_.events != 1) wrong("not now");
      item_.part_open = true;
    } else if (!item_.part_open) {
      wrong("no part is open");
    } else if (name_ == "response.reasoning_summary_text.delta") {
      if (item_.text_done) return wrong("behind done");
      add(data["delta"]);
    } else if (name_ == "response.reasoning_summary_text.done") {
      item_.text_done = true;
      same(data["text"]);
    } else if (name_ == "response.reasoning_summary_part.done") {
      if (!item_.text_done) return wrong("before the text's");
      item_.part_open = false;
      item_.part_done = true;
      same(data["part"]["text"]);
    } else {
      wrong("unknown");
    }
  }

  void done(json::Value data) {
    const json::Value item = data["item"];
    if (!open_) return wrong("no item is open");
    if (data["output_index"].integer() != static_cast<std::int64_t>(items_.size())) {
      return wrong("output_index");
    }
    if (item["id"].string_or("") != item_.id || item["type"].string_or("") != item_.type) {
      return wrong("another item");
    }
    const std::string_view status = item["status"].string_or("");
    if (item_.type == "message") {
      if (!item_.part_done) return wrong("its part is open");
      if (status != "completed" && status != "incomplete") return wrong("status");
      same_part(*item["content"].begin());
    } else if (item_.type == "reasoning") {
      if (item_.events != 0 && !item_.part_done) return wrong("its part is open");
      if (item_.events != 0) same((*item["summary"].begin())["text"]);
      if (item_.events == 0 && item["summary"].size() != 0) wrong("a summary without events");
    } else if (status != "completed") {
      wrong("status");
    } else if (item_.type == "function_call") {
      same(item["arguments"]);
    } else if (item_.type == "custom_tool_call") {
      same(item["input"]);
    } else if (item_.type == "code_interpreter_call") {
      same(item["code"]);
      if (item_.events != 5) wrong("events are missing");
    }
    items_.emplace_back(item.raw());
    open_ = false;
  }

  void last(json::Value response) {
    ended_ = true;
    const std::string_view status = response["status"].string_or("");
    if (name_ != "response." + std::string(status)) return wrong("status");
    if (response["id"].string_or("") != response_id_) return wrong("id");
    const bool failed = status == "failed";
    if (open_ && !failed) return wrong("an item is still open");
    if (failed != response["error"].is_object()) return wrong("error");
    if (failed && (response["error"]["code"].string_or("").empty() ||
                   response["error"]["message"].string_or("").empty())) {
      return wrong("error");
    }
    if ((status == "incomplete") != response["incomplete_details"].is_object()) {
      return wrong("incomplete_details");
    }
    if (!failed && !response["usage"]["total_tokens"].integer()) return wrong("usage");
    const json::Value output = response["output"];
    if (output.size() != items_.size()) return wrong("output has another number of items");
    std::size_t index = 0;
    for (const json::Value item : output) {
      if (item.raw() != items_[index++]) return wrong("output differs from the items");
    }
  }

  void add(json::Value delta) {
    if (!delta.is_string()) return wrong("delta");
    item_.sum += delta.string_or("");
  }
  void same(json::Value text) {
    if (!text.is_string() || text.string_or("") != item_.sum) wrong("not the sum of the deltas");
  }
  void same_part(json::Value part) {
    same(part["text"]);
    if (part["type"].string_or("") != "output_text") wrong("type of the part");
    if (part["annotations"].size() != item_.annotations) wrong("number of annotations");
  }
  void wrong(std::string_view what) {
    if (problem_.empty())
      problem_ = name_ + " (" + std::to_string(number_) + "): " + std::string(what);
  }

  std::string problem_;
  std::string name_;
  std::int64_t number_ = 0;
  std::string response_id_;
  bool ended_ = false;
  bool open_ = false;
  Item item_;
  std::set<std::string> ids_;
  std::vector<std::string> items_;  // done, raw
};

}  // namespace wasat::dialect::openai_responses::test
