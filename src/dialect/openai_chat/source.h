// What the bytes of a lowered call may point into. Shared by the parsed request
// and the bodies made from it, so that a body outlives the request.

#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/body.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

struct Source {
  std::shared_ptr<const Buffer> bytes;
  json::Document document;
  std::deque<std::string> made;  // what had to be rewritten

  std::string_view keep(std::string text) { return made.emplace_back(std::move(text)); }
};

}  // namespace wasat::dialect::openai_chat
