#include "dialect/conversation/markdown_image.h"

#include <algorithm>
#include <utility>

namespace wasat::dialect {
namespace {

constexpr std::size_t kMaxDescription = 256;

// Where the "![" stands whose description ends at `end`. The description holds
// no brackets.
std::size_t find_opening(std::string_view text, std::size_t end) {
  const std::size_t from = end - std::min(end, kMaxDescription);
  const std::string_view near = text.substr(from, end - from);
  const std::size_t open = near.rfind("![");
  if (open == near.npos || near.find('[', open + 2) != near.npos) return text.npos;
  return from + open;
}

}  // namespace

std::optional<MarkdownImage> find_markdown_image(std::string_view escaped) {
  constexpr std::string_view kMiddle = "](data:image";
  std::size_t close = 0;  // looked for once per parenthesis, not once per candidate
  for (std::size_t at = escaped.find(kMiddle); at != escaped.npos;
       at = escaped.find(kMiddle, at + 1)) {
    const std::size_t url = at + 2;
    if (close < url) close = escaped.find(')', url);
    if (close == escaped.npos) return std::nullopt;
    const std::size_t open = find_opening(escaped, at);
    if (open == escaped.npos) continue;
    std::optional<InlineData> data = read_data_url(escaped.substr(url, close - url));
    if (!data || data->data().empty()) continue;
    return MarkdownImage{.begin = open, .end = close + 1, .data = std::move(*data)};
  }
  return std::nullopt;
}

}  // namespace wasat::dialect
