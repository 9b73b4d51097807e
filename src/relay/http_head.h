// HttpHead: what is kept of the head of an HTTP answer that a node wrote as JSON.

#pragma once

#include <string>

#include "json/reader.h"
#include "relay/protocol.h"

namespace wasat::relay {

struct HttpHead {
  int status = 200;
  std::string content_type;
  std::string retry_after;

  // {"name": "value"} or {"name": ["value", ...]}, of which the first counts; names in any
  // case.
  void read_headers(json::Value headers);
  // Of a body; views into this.
  NodeEvents::Head view() const {
    return {.status = status,
            .framing = NodeEvents::Framing::kBody,
            .content_type = content_type,
            .retry_after = retry_after};
  }
};

}  // namespace wasat::relay
