// Which kind of media bytes from the web are.

#pragma once

#include <string>
#include <string_view>

namespace wasat::gateway {

// From a Content-Type header, else from the first bytes; empty: nothing that
// Gemini takes as inlineData.
std::string media_type(std::string_view content_type, std::string_view bytes);

}  // namespace wasat::gateway
