// Generated media as links to the gateway's own cache, where the operator wants that.

#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect {

// The link under which `base64` will be found once the gateway has kept it; it is
// noted in `tally`. `number`: which of the answer's media it is, each its own. Empty when links are
// off or the type is none that is kept: then the client gets the data itself.
std::string media_link(const AnswerContext& context, gemini::Tally& tally, std::size_t number,
                       std::string_view mime_type, std::string_view base64);

// "png" of "image/png"; empty: none that is kept.
std::string_view media_extension(std::string_view mime_type);
// "image/png" of "x-1.png"; empty: none that is kept.
std::string_view media_type(std::string_view name);

}  // namespace wasat::dialect
