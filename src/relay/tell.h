// How values that were parsed are told to a sink, and what it put off after them.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "relay/message_sink.h"

namespace wasat::relay {

struct PutOff {
  int level;
  std::string_view name;
  json::Value value;
};

// Gives the sink what it takes of a value. What it puts off goes to `later`.
void tell(Take take, int level, std::string_view name, json::Value value, MessageSink& sink,
          std::vector<PutOff>& later);

// Tells what was put off, and then what was put off of that.
void tell_later(std::vector<PutOff>& later, MessageSink& sink);

}  // namespace wasat::relay
