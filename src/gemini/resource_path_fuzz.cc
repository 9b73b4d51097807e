// Input: a line with an HTTP method and a path, a line with a URI, and JSON.
//
// Whatever it is: what a path names is a name that stands for itself, and
// spelling a path with escapes leads nowhere else.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/percent.h"
#include "gemini/model_names.h"
#include "gemini/resource_names.h"
#include "gemini/resource_path.h"

namespace {

using namespace wasat;

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view next_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string_view line = next_line(rest);
  const std::string_view method = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(method.size() + 1, line.size()));
  const gemini::ResourcePath found = gemini::read_resource_path(method, line);
  must(!(found.removes && found.owned.empty()));
  must(found.owned.empty() || found.kind != gemini::ResourceKind::kOther);
  // What upstream decodes once, we judge decoded once.
  const std::string plain = percent_decoded(line);
  if (percent_decoded(plain) == plain) {
    const gemini::ResourcePath same = gemini::read_resource_path(method, plain);
    must(same.owned == found.owned && same.kind == found.kind && same.action == found.action);
  }
  const std::string_view uri = next_line(rest);
  static_cast<void>(gemini::resource_of_uri(uri));
  const auto body = Buffer::copy_of(rest);
  json::Document document;
  if (const auto root = document.parse(body->padded())) {
    std::vector<std::string> names;
    gemini::collect_resources(*root, gemini::ResourceKind::kInteractions, names);
    must(std::ranges::none_of(names, &std::string::empty));
  }
  return 0;
}
