#include "dialect/gemini/edits.h"

#include <algorithm>
#include <utility>

namespace wasat::dialect::native {

Body edited(const std::shared_ptr<const Buffer>& whole, std::vector<Edit> edits) {
  if (edits.empty()) return Body::of(whole);
  std::ranges::sort(edits, {}, &Edit::begin);
  const auto kept = std::make_shared<const std::vector<Edit>>(std::move(edits));
  const std::string_view bytes = whole->view();
  Body body;
  std::size_t from = 0;
  for (const Edit& edit : *kept) {
    body.append(bytes.substr(from, edit.begin - from), whole);
    body.append(edit.text, kept);
    from = edit.begin + edit.length;
  }
  body.append(bytes.substr(from), whole);
  return body;
}

}  // namespace wasat::dialect::native
