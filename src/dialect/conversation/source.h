// What the bytes of a lowered call may point into. Shared by the parsed request
// and the bodies made from it, so that a body outlives the request.

#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/body.h"
#include "json/reader.h"

namespace wasat::dialect {

struct Source {
  std::shared_ptr<const Buffer> bytes;
  json::Document document;
  std::list<std::string> made;                      // what had to be rewritten
  std::vector<std::shared_ptr<const void>> others;  // whose bytes are pointed into, too

  std::string_view keep(std::string text) { return made.emplace_back(std::move(text)); }
};

}  // namespace wasat::dialect
