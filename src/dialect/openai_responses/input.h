// Input items, read into a conversation.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "dialect/conversation/tool_names.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

class InputReader {
 public:
  // The item of an earlier answer that has this id; absent: it is not known (any more).
  using Find = std::function<json::Value(std::string_view id)>;

  // All outlive the reader; what the conversation points into is kept by `source`.
  InputReader(Conversation& conversation, Source& source, const ToolNames& names, Find find)
      : conversation_(conversation), source_(source), names_(names), find_(std::move(find)) {}

  Result<> instructions(json::Value value);
  // A string or an array of items; absent: nothing. `name`: "input".
  Result<> read(json::Value input, std::string_view name);
  // Behind the last item.
  void end() { leave_model(); }

 private:
  Result<> item(json::Value item);
  Result<> message(json::Value item);
  void reasoning(json::Value item);
  void call(json::Value item, std::string_view name, json::Value arguments, bool custom);
  Result<> call_output(json::Value item);
  void shell_output(json::Value item);
  void mcp_call(json::Value item);
  void image_call(json::Value item);
  void code_call(json::Value item);
  Result<> compaction(json::Value item);
  Result<> reference(std::string_view id);
  Result<> other(json::Value item, std::string_view type);
  std::string path(std::string_view field) const;
  // Takes the signature that waits for its call or message.
  std::string_view take_signature() { return std::exchange(waiting_, {}); }
  // The model's last text is held back, since its signature may come behind it.
  void hold_text(std::string_view escaped);
  void give_text();
  // Something follows that is not the model's.
  void leave_model();

  Conversation& conversation_;
  Source& source_;
  const ToolNames& names_;
  Find find_;
  std::string_view waiting_;         // a signature
  std::string_view text_;            // escaped; empty: none is held back
  std::string_view text_signature_;  // of text_
  std::string_view name_;
  std::size_t index_ = 0;
};

// Of an item that stands elsewhere: {"type":"item_reference","id":...}, or nothing but an id.
std::optional<std::string_view> referenced_id(json::Value item);

}  // namespace wasat::dialect::openai_responses
