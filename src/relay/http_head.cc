#include "relay/http_head.h"

#include <algorithm>

namespace wasat::relay {
namespace {

constexpr std::size_t kLongestField = 1024;  // longer ones are nobody's

bool is_named(std::string_view name, std::string_view lower) {
  return std::ranges::equal(name, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  });
}

}  // namespace

void HttpHead::read_headers(json::Value headers) {
  for (const json::Value header : headers) {
    json::Value value = header;
    if (header.is_array() && header.size() > 0) value = *header.begin();
    const std::string_view text = value.string_or("");
    if (text.size() > kLongestField) continue;
    if (is_named(header.key(), "content-type")) content_type = text;
    if (is_named(header.key(), "retry-after")) retry_after = text;
  }
}

}  // namespace wasat::relay
