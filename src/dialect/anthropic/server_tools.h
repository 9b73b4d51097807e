// What Gemini's own tools did (search, fetched pages, code), as blocks of
// Anthropic's server tools.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/conversation/citations.h"
#include "json/reader.h"

namespace wasat::dialect::anthropic {

// A tool_use or server_tool_use block.
struct ToolUse {
  std::string_view type = "tool_use";
  std::string_view id;
  std::string_view name;     // not escaped
  std::string_view input;    // a JSON object
  std::string_view escaped;  // the same as it stands in a JSON string
};

class ServerTools {
 public:
  struct Step {
    std::string id;
    std::string_view name;  // "web_search"
    std::string input;      // {"query":"..."}
    std::string result;     // a whole block
  };

  // `seed`: of the ids. Each call replaces what an earlier chunk said of the same.
  void read_grounding(json::Value grounding, const TextPositions& positions, std::string_view seed);
  void read_url_context(json::Value metadata, std::string_view seed);
  // executableCode: the input of a code_execution. codeExecutionResult: its result block.
  std::string begin_code(json::Value executable, std::string_view seed);
  std::string end_code(json::Value result, std::string_view seed);

  const std::vector<Step>& searches() const { return searches_; }
  const std::vector<Step>& fetches() const { return fetches_; }
  // Of the answer's text.
  const std::vector<std::string>& citations() const { return citations_; }
  const std::string& code_id() const { return code_id_; }
  std::size_t search_count() const { return searches_.size(); }
  std::size_t fetch_count() const { return fetches_.size(); }

 private:
  std::vector<Step> searches_;
  std::vector<Step> fetches_;
  std::vector<std::string> citations_;
  std::string code_id_;
  std::uint64_t codes_ = 0;
};

}  // namespace wasat::dialect::anthropic
