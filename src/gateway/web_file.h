// WebFile: a file of a page that is part of the program; what the build made of console/
// (cmake/pages.cmake). Constant; any thread.

#pragma once

#include <span>
#include <string_view>

namespace wasat::gateway {

struct WebFile {
  std::string_view name;  // "applet.js"
  std::string_view content_type;
  std::string_view etag;  // with its quotes: changes with the bytes
  std::string_view bytes;
};

// The first is the page itself.
std::span<const WebFile> applet_files();

}  // namespace wasat::gateway
