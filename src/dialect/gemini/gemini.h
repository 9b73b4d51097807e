// The native dialect: clients that speak Gemini's own protocol.
//
// Request bodies and answers pass as they are; a request's bytes change only
// where a model's name in the body must follow the one in the path.

#pragma once

#include <memory>
#include <string>

#include "dialect/dialect.h"

namespace wasat::dialect::native {

struct Options {
  // The API version of paths that name none ("/models/x:generateContent").
  std::string default_version = "v1beta";
};

std::unique_ptr<Dialect> make_gemini(Options options = {});

}  // namespace wasat::dialect::native
