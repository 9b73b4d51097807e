// What the model searched for and found, from groundingMetadata, which comes again and
// again with more. Owned by the encoder.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dialect/conversation/citations.h"
#include "dialect/openai_responses/items.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

// A place of the text and a page that it rests on.
struct Page {
  std::int64_t start = 0;  // characters of all text
  std::int64_t end = 0;
  std::string url;    // escaped
  std::string title;  // escaped
};

// A url_citation; `start` and `end` count within its message.
std::string write_citation(const Page& page, std::int64_t start, std::int64_t end);

class Searches {
 public:
  void read(json::Value grounding, const TextPositions& positions);
  // Those of the last read().
  const std::vector<Page>& pages() const { return pages_; }

  // The web_search_call, if there was a search since the last one. In a stream no other item
  // may be open.
  void give(Items& items, bool with_sources, std::string& out);

 private:
  std::vector<Page> pages_;
  bool searched_ = false;
  std::string queries_;      // elements
  std::string first_query_;  // escaped
  std::string sources_;      // elements
};

}  // namespace wasat::dialect::openai_responses
