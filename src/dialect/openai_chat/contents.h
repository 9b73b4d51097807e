// Writing a planned conversation as Gemini's contents.

#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/data_url.h"
#include "dialect/openai_chat/source.h"
#include "dialect/openai_chat/tool_names.h"
#include "dialect/openai_chat/turns.h"
#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect::openai_chat {

class ContentsWriter {
 public:
  ContentsWriter(json::Writer& writer, Source& source, const gemini::ModelFamily& family,
                 const ToolNames& names)
      : writer_(writer), source_(source), family_(family), names_(names) {}

  // Appends the member "contents". Errors name the part that cannot be carried.
  Result<> write(const Plan& plan);

 private:
  Result<> write_turn(const Turn& turn);
  Result<> write_item(const Item& item, bool must_sign);
  void write_text(const Item& item);
  void write_text_part(std::string_view escaped, std::string_view signature);
  Result<> write_part(const Item& item);
  Result<> write_file(const Item& item);
  void write_inline_data(InlineData data, std::string_view signature = {});
  void write_file_uri(std::string_view escaped);
  void write_call(const Item& item, bool must_sign);
  void write_arguments(json::Value function);
  Result<> write_response(const Item& item);
  void write_result(const std::vector<std::string_view>& texts, json::Value only);
  Result<> write_orphan(const Item& item);
  Result<> write_media_of_responses();

  json::Writer& writer_;
  Source& source_;
  const gemini::ModelFamily& family_;
  const ToolNames& names_;
  // Media in tools' results that stand behind all responses (before generation 3).
  std::vector<Item> media_;
};

}  // namespace wasat::dialect::openai_chat
