#include "dialect/openai_responses/echo.h"

#include <algorithm>

#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// Clients know what they have sent; three copies of 60 KB of tools in each stream help nobody.
constexpr std::size_t kMaxEcho = 16384;

struct Member {
  std::string_view name;
  std::string_view otherwise;  // JSON: what counts when the request says nothing
};

// Response in OpenAI's API reference, less what the answer itself says.
constexpr std::array kMembers = {
    Member{"instructions", "null"},
    Member{"max_output_tokens", "null"},
    Member{"max_tool_calls", "null"},
    Member{"metadata", "{}"},
    Member{"parallel_tool_calls", "true"},
    Member{"previous_response_id", "null"},
    Member{"prompt_cache_key", "null"},
    Member{"prompt_cache_retention", "null"},
    Member{"reasoning", R"({"effort":null,"summary":null})"},
    Member{"safety_identifier", "null"},
    Member{"service_tier", R"("default")"},
    Member{"temperature", "1.0"},
    Member{"text", R"({"format":{"type":"text"}})"},
    Member{"tool_choice", R"("auto")"},
    Member{"tools", "[]"},
    Member{"top_logprobs", "0"},
    Member{"top_p", "1.0"},
    Member{"truncation", R"("disabled")"},
    Member{"user", "null"},
};

// The kind of value that clients expect there; another kind is not repeated.
bool fits(json::Value said, std::string_view otherwise) {
  if (said.raw().size() > kMaxEcho) return false;
  switch (otherwise.front()) {
    case '{':
      return said.is_object();
    case '[':
      return said.is_array();
    case 't':
      return said.is_bool();
    case '"':
      return said.is_string() || said.is_object();
    case '0':
    case '1':
      return said.is_number();
    default:
      return true;
  }
}

// White space of the client's would end an event's line.
void append_in_one_line(std::string& out, std::string_view json) {
  for (const char c : json) {
    if (c != '\n' && c != '\r') out += c;
  }
}

}  // namespace

void append_members(std::string& out, const ResponsesRequest& request, const AnswerContext& context,
                    bool stored) {
  out += R"("id":"resp_)";
  out += context.id;
  out += R"(","object":"response","created_at":)";
  out += std::to_string(context.created);
  out += R"(,"model":")";
  out += request.model_label;
  out += R"(","background":false,"store":)";
  out += stored ? "true" : "false";
  std::array<json::Value, kMembers.size()> said;
  for (const json::Value member : request.root) {
    const std::string_view name = member.key();
    const auto row = std::ranges::find(kMembers, name, &Member::name);
    if (row != kMembers.end()) said[static_cast<std::size_t>(row - kMembers.begin())] = member;
  }
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    const Member& row = kMembers[i];
    out += ",\"";
    out += row.name;
    out += "\":";
    const bool repeats = said[i] && !said[i].is_null() && fits(said[i], row.otherwise);
    append_in_one_line(out, repeats ? said[i].raw() : row.otherwise);
  }
}

}  // namespace wasat::dialect::openai_responses
