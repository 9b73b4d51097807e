// multipart/form-data (RFC 7578): a client's form with files, as views into its bytes.
//
// Pure. Nothing of a part's content is copied, decoded or looked into.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wasat::http {

struct FormPart {
  std::string name;                     // "file", "image[]"
  std::optional<std::string> filename;  // its last segment; a part with one is a file
  std::string_view content_type;        // as sent; may be empty
  std::string_view bytes;
};

struct FormLimits {
  std::size_t parts = 256;
  std::size_t head_bytes = 8192;  // of one part
};

// The boundary of a Content-Type; empty if it is no multipart/form-data or has none.
std::string form_boundary(std::string_view content_type);

// All parts, in order. Errors: kInvalidRequest (broken form), kTooLarge.
[[nodiscard]] Result<std::vector<FormPart>> parse_form(std::string_view boundary,
                                                       std::string_view body,
                                                       FormLimits limits = {});

}  // namespace wasat::http
