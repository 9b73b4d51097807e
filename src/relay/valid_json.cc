#include "relay/valid_json.h"

#include "json/reader.h"
#include "relay/json_scanner.h"
#include "ws/utf8.h"

namespace wasat::relay {

bool valid_json(const Body& body) {
  JsonScanner scanner(json::kMaxDepth);
  ws::Utf8 utf8;
  for (const std::string_view piece : body.pieces()) {
    if (!utf8.feed(piece) || !scanner.push(piece)) return false;
  }
  return utf8.complete() && scanner.finish();
}

}  // namespace wasat::relay
