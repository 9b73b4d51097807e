// A Responses request in typed form.
//
// Values and views point into the request's document. What has a wrong type was
// refused; what items and tools hold is looked at by input and tools.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/conversation/generation.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

struct ResponsesRequest {
  std::string model;             // clean: "gemini-2.5-flash"
  std::string_view model_label;  // as written, still escaped; answers repeat it
  bool stream = false;
  bool store = true;  // the answer may be referred to later

  json::Value input;         // string, array or absent
  json::Value instructions;  // string, array of items or absent
  std::string previous;      // previous_response_id; empty: none

  json::Value tools;              // array or absent
  json::Value tool_choice;        // string, object or absent
  json::Value reasoning;          // object or absent
  json::Value text;               // object or absent
  std::string_view verbosity;     // "low", "high" or empty
  std::string_view service_tier;  // "flex", "priority" or empty
  bool include_sources = false;   // of web searches
  // Thinking, format and modalities are completed when the request is lowered.
  Generation generation;

  json::Value root;  // for what answers repeat
};

Result<ResponsesRequest> read_responses_request(json::Value root);

}  // namespace wasat::dialect::openai_responses
