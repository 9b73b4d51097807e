// Answers about what keys have made: everything of the Gemini API that is no call
// to a model and no upload. Each kind stands in a file of its own.

#pragma once

#include <optional>
#include <string_view>

#include "base/body.h"
#include "dialect/gemini/path.h"
#include "simulator/google_error.h"
#include "simulator/holdings.h"
#include "simulator/outcome.h"

namespace wasat::simulator {

struct ResourceRequest {
  std::string_view key;
  std::string_view http_method;
  const dialect::native::Target& target;
  PaddedView body;
};

// Nothing: the path is none of these.
std::optional<Outcome> answer_resource(Holdings& holdings, const ResourceRequest& request);

// Why this key may not use what the body names (files, caches, stores); code 0
// when it may.
GoogleError refused_names(Holdings& holdings, std::string_view key, PaddedView body,
                          const dialect::native::Target& target);

}  // namespace wasat::simulator
