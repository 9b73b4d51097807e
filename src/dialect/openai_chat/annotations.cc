#include "dialect/openai_chat/annotations.h"

#include "json/writer.h"

namespace wasat::dialect::openai_chat {

bool append_annotations(std::string& out, json::Value grounding, const TextPositions& positions) {
  bool any = false;
  for (const Citation& citation : read_citations(grounding, positions)) {
    if (any) out += ',';
    any = true;
    json::Writer writer(out);
    writer.begin_object().member("type", "url_citation").key("url_citation").begin_object();
    writer.member("start_index", citation.start);
    writer.member("end_index", citation.end);
    writer.key("url").escaped_string(citation.url);
    writer.key("title").escaped_string(citation.title);
    writer.end_object().end_object();
  }
  return any;
}

}  // namespace wasat::dialect::openai_chat
