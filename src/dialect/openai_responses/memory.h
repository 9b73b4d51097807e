// What is remembered of a response: itself, and all items that led to it.
//
// Kept as gemini::Memo under the response's id, so that previous_response_id,
// item_reference and GET /responses/{id} find it. Ids of items begin with the id of their
// response: one memo holds them all.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dialect/conversation/source.h"
#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

// Longer conversations are not remembered.
inline constexpr std::size_t kMaxRemembered = 3u << 20;

// "resp_" and the 24 characters that "msg_A1b2...0" begins with; empty: no id of ours.
std::string response_of_item(std::string_view item_id);

class Memory {
 public:
  struct Response {
    json::Value response;  // as it was answered
    json::Value items;     // an array: all that led to it, and its output
  };

  // nullptr: it is not remembered (any more). What is found is kept by `source`.
  const Response* find(std::string_view response_id, const Findings& findings, Source& source);
  // What find() has found before.
  const Response* known(std::string_view response_id) const;
  // Absent: not known.
  json::Value known_item(std::string_view item_id) const;
  json::Value find_item(std::string_view item_id, const Findings& findings, Source& source);

 private:
  std::map<std::string, Response, std::less<>> responses_;
};

// The value of a memo. `items` without brackets.
std::string written_memo(std::string_view response, std::string_view items);

}  // namespace wasat::dialect::openai_responses
