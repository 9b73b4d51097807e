#include "dialect/anthropic/server_tools.h"

#include "dialect/conversation/given_call.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

// Ids of tool calls count from 0; these have places of their own.
constexpr std::uint64_t kSearchIds = 1u << 20;
constexpr std::uint64_t kFetchIds = 2u << 20;
constexpr std::uint64_t kCodeIds = 3u << 20;

std::string server_id(std::string_view seed, std::uint64_t number) {
  return "srvtoolu_" + derived_id(seed, number);
}

// The pages that a search found, as the result of its first query; further queries
// are answered with none, since Gemini does not say which found what.
std::string search_result(json::Value grounding, std::string_view id, bool first) {
  std::string block;
  json::Writer writer(block);
  writer.begin_object().member("type", "web_search_tool_result").member("tool_use_id", id);
  writer.key("content").begin_array();
  for (const json::Value chunk : first ? grounding["groundingChunks"] : json::Value{}) {
    for (const json::Value page : chunk) {  // web, retrievedContext or maps
      if (!page["uri"].is_string()) continue;
      writer.begin_object().member("type", "web_search_result");
      writer.key("title").escaped_string(page["title"].escaped());
      writer.key("url").escaped_string(page["uri"].escaped());
      writer.member("encrypted_content", "").key("page_age").null().end_object();
      break;
    }
  }
  writer.end_array().end_object();
  return block;
}

// Anthropic's codes: platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool.
std::string fetch_result(json::Value page, std::string_view id) {
  std::string block;
  json::Writer writer(block);
  writer.begin_object().member("type", "web_fetch_tool_result").member("tool_use_id", id);
  writer.key("content").begin_object();
  if (page["urlRetrievalStatus"].string_or("").ends_with("_SUCCESS")) {
    writer.member("type", "web_fetch_result");
    writer.key("url").escaped_string(page["retrievedUrl"].escaped());
    // Gemini keeps the page's content to itself.
    writer.key("content").begin_object().member("type", "document");
    writer.key("source").begin_object().member("type", "text").member("media_type", "text/plain");
    writer.member("data", "").end_object().key("title").null().end_object();
    writer.key("retrieved_at").null();
  } else {
    writer.member("type", "web_fetch_tool_result_error");
    writer.member("error_code", "url_not_accessible");
  }
  writer.end_object().end_object();
  return block;
}

std::string object_with(std::string_view name, std::string_view escaped) {
  std::string object;
  json::Writer(object).begin_object().key(name).escaped_string(escaped).end_object();
  return object;
}

std::vector<std::string> citations_of(json::Value grounding, const TextPositions& positions) {
  std::vector<std::string> found;
  for (const Citation& citation : read_citations(grounding, positions)) {
    json::Writer writer(found.emplace_back());
    writer.begin_object().member("type", "web_search_result_location");
    writer.key("cited_text").escaped_string(citation.cited);
    writer.key("url").escaped_string(citation.url);
    writer.key("title").escaped_string(citation.title);
    writer.member("encrypted_index", "").end_object();
  }
  return found;
}

}  // namespace

void ServerTools::read_grounding(json::Value grounding, const TextPositions& positions,
                                 std::string_view seed) {
  const json::Value queries = grounding["webSearchQueries"];
  if (queries.size() == 0 && grounding["groundingChunks"].size() == 0) return;
  searches_.clear();
  const auto add = [&](std::string_view query) {
    Step& step = searches_.emplace_back();
    step.id = server_id(seed, kSearchIds + searches_.size());
    step.name = "web_search";
    step.input = object_with("query", query);
    step.result = search_result(grounding, step.id, searches_.size() == 1);
  };
  for (const json::Value query : queries) add(query.escaped());
  if (searches_.empty()) add("");
  citations_ = citations_of(grounding, positions);
}

void ServerTools::read_url_context(json::Value metadata, std::string_view seed) {
  const json::Value pages = metadata["urlMetadata"];
  if (pages.size() == 0) return;
  fetches_.clear();
  for (const json::Value page : pages) {
    Step& step = fetches_.emplace_back();
    step.id = server_id(seed, kFetchIds + fetches_.size());
    step.name = "web_fetch";
    step.input = object_with("url", page["retrievedUrl"].escaped());
    step.result = fetch_result(page, step.id);
  }
}

std::string ServerTools::begin_code(json::Value executable, std::string_view seed) {
  code_id_ = server_id(seed, kCodeIds + codes_++);
  return object_with("code", executable["code"].escaped());
}

std::string ServerTools::end_code(json::Value result, std::string_view seed) {
  if (code_id_.empty()) code_id_ = server_id(seed, kCodeIds + codes_++);
  const bool well = result["outcome"].string_or("OUTCOME_OK") == "OUTCOME_OK";
  const std::string_view output = result["output"].escaped();
  std::string block;
  json::Writer writer(block);
  writer.begin_object().member("type", "code_execution_tool_result");
  writer.member("tool_use_id", code_id_).key("content").begin_object();
  writer.member("type", "code_execution_result");
  writer.key("stdout").escaped_string(well ? output : std::string_view());
  writer.key("stderr").escaped_string(well ? std::string_view() : output);
  writer.member("return_code", well ? 0 : 1);
  writer.key("content").begin_array().end_array().end_object().end_object();
  return block;
}

}  // namespace wasat::dialect::anthropic
