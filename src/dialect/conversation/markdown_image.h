// Images that answers carry as Markdown: ![image](data:image/png;base64,AAAA)
// Chat clients send them back as text; the model must get them as images.

#pragma once

#include <optional>
#include <string_view>

#include "dialect/data_url.h"

namespace wasat::dialect {

struct MarkdownImage {
  std::size_t begin = 0;  // of "!["
  std::size_t end = 0;    // behind ")"
  InlineData data;
};

// The first image in a JSON string's escaped bytes.
std::optional<MarkdownImage> find_markdown_image(std::string_view escaped);

}  // namespace wasat::dialect
