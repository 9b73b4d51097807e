// Answer: what a resource of the admin API says, as a value: a Reply or a Refusal.

#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace wasat::admin {

struct Reply {
  int status = 200;
  std::string body;  // JSON; empty with status 204
  // Beside those that every answer has.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type = "application/json";
};

// {"error":{"code","message","remedy"?,"field"?}}
struct Refusal {
  int status = 400;
  std::string code;     // for programs: "unknown_field"
  std::string message;  // for people: what is wrong; never a secret
  std::string remedy;   // what to do; empty: the message says it
  std::string field;    // of the request: "limits.requests_per_day"; may be empty
  std::optional<std::chrono::seconds> retry_after;
};

using Answer = std::expected<Reply, Refusal>;

// A field of the request is wrong.
Refusal bad_field(std::string_view field, std::string message, std::string remedy = {});
Refusal not_found(std::string_view what, std::string_view id);
Refusal conflict(std::string message, std::string remedy = {});
// Of the house: its kind gives status and code.
Refusal refusal_of(const Error& error);

inline std::unexpected<Refusal> refuse(Refusal refusal) {
  return std::unexpected<Refusal>(std::move(refusal));
}

std::string refusal_body(const Refusal& refusal);

inline Reply no_content() { return {.status = 204}; }

}  // namespace wasat::admin
