// Content parts of items: texts and media.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

// What a part says. A text is escaped.
using Part = std::variant<std::string_view, Media>;

// A string or an array of parts, one by one. `path` names it in errors: "input[2].content".
Result<> read_content(json::Value content, const std::string& path, Source& source,
                      const std::function<void(Part)>& take);

// An image that the model drew, from a string of base64; `format`: "png".
Media drawn_image(json::Value base64, std::string_view format, Source& source, std::string path);

}  // namespace wasat::dialect::openai_responses
