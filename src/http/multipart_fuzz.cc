// Any form: parts that lie within it, in order, or an error.

#include <cstdint>
#include <cstdlib>

#include "http/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wasat::http;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = all.find('\n');
  if (line == all.npos) return 0;
  const std::string boundary = form_boundary(all.substr(0, line));
  const std::string_view body = all.substr(line + 1);
  const auto parts = parse_form(boundary, body);
  if (!parts) return 0;
  const char* last = body.data();
  for (const FormPart& part : *parts) {
    if (part.bytes.data() < last) std::abort();
    last = part.bytes.data() + part.bytes.size();
    if (!boundary.empty() && part.bytes.find("\r\n--" + boundary) != part.bytes.npos) std::abort();
  }
  if (last > body.data() + body.size()) std::abort();
  return 0;
}
