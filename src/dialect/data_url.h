// Media that clients send within their JSON: data URLs and bare base64.
//
// Everything here works on a JSON string's bytes as they stand between its
// quotes, so that 20 MiB of an image go upstream without being copied, decoded
// or escaped again. Only what Gemini would not take (white space, percent
// escapes, text that is not base64 at all) is rewritten.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasat::dialect {

struct InlineData {
  std::string mime_type;    // lower case, without parameters; empty: nothing tells
  std::string_view passed;  // base64 as it can stand between quotes in JSON
  std::string rewritten;    // when not empty, instead of `passed`

  std::string_view data() const { return rewritten.empty() ? passed : rewritten; }
};

// Whether this looks like "data:...". Scheme and separators may be JSON-escaped ("\/").
bool is_data_url(std::string_view escaped);

// Takes "data:image/png;charset=x;base64,AAAA", also without ";base64", with
// white space, URL-safe letters or percent escapes. nullopt: no data URL.
std::optional<InlineData> read_data_url(std::string_view escaped);

// Base64 without a data URL around it.
InlineData read_base64(std::string_view escaped);

// From the first bytes of base64: "image/png"; empty if unknown.
std::string_view sniffed_mime_type(std::string_view base64);
// From a file's name: "application/pdf"; empty if unknown.
std::string_view mime_type_of_file(std::string_view name);

}  // namespace wasat::dialect
