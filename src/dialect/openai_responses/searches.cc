#include "dialect/openai_responses/searches.h"

#include <string_view>
#include <utility>

#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

void append_element(std::string& list, std::string_view before, std::string_view escaped,
                    std::string_view after) {
  if (!list.empty()) list += ',';
  list += before;
  list += escaped;
  list += after;
}

}  // namespace

std::string write_citation(const Page& page, std::int64_t start, std::int64_t end) {
  std::string annotation;
  json::Writer writer(annotation);
  writer.begin_object().member("type", "url_citation");
  writer.member("start_index", start).member("end_index", end);
  writer.key("url").escaped_string(page.url).key("title").escaped_string(page.title);
  writer.end_object();
  return annotation;
}

void Searches::read(json::Value grounding, const TextPositions& positions) {
  pages_.clear();
  for (const Citation& citation : read_citations(grounding, positions)) {
    pages_.push_back({.start = citation.start,
                      .end = citation.end,
                      .url = std::string(citation.url),
                      .title = std::string(citation.title)});
  }
  queries_.clear();
  sources_.clear();
  for (const json::Value query : grounding["webSearchQueries"]) {
    if (!query.is_string()) continue;
    if (queries_.empty()) first_query_ = query.escaped();
    append_element(queries_, "\"", query.escaped(), "\"");
  }
  for (const json::Value chunk : grounding["groundingChunks"]) {
    const json::Value url = chunk["web"]["uri"];
    if (url.is_string()) append_element(sources_, R"({"type":"url","url":")", url.escaped(), "\"}");
  }
  searched_ = !queries_.empty() || !sources_.empty();
}

void Searches::give(Items& items, bool with_sources, std::string& out) {
  if (!std::exchange(searched_, false)) return;
  const std::string id = items.next_id("ws");
  const std::string head = R"({"id":")" + id + R"(","type":"web_search_call","status":")";
  std::string action =
      R"("action":{"type":"search","query":")" + first_query_ + R"(","queries":[)" + queries_ + "]";
  if (with_sources) action += R"(,"sources":[)" + sources_ + "]";
  action += '}';
  Events& events = items.events();
  items.begin(head + "in_progress\"," + action + "}", out);
  events.plain(out, "response.web_search_call.in_progress", id, items.index());
  events.plain(out, "response.web_search_call.searching", id, items.index());
  events.plain(out, "response.web_search_call.completed", id, items.index());
  items.add(head + "completed\"," + action + "}", out);
}

}  // namespace wasat::dialect::openai_responses
