#include "json/structure.h"

#include <simdjson.h>

#include <algorithm>

namespace wasat::json {

struct StructureIndexer::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
};

StructureIndexer::StructureIndexer() : impl_(std::make_unique<Impl>()) {}
StructureIndexer::~StructureIndexer() = default;

std::size_t StructureIndexer::capacity() const {
  return impl_->stage == nullptr ? 0 : impl_->stage->capacity();
}

void StructureIndexer::release() { impl_->stage.reset(); }

std::span<const std::uint32_t> StructureIndexer::index(std::string_view text,
                                                       const char** problem) {
  if (text.empty()) {
    *problem = "no JSON value";
    return {};
  }
  if (text.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) {
    *problem = "larger than 4 GiB";
    return {};
  }
  if (capacity() < text.size()) {
    const std::size_t wanted = std::min(std::max(text.size() + text.size() / 4, std::size_t{512}),
                                        std::size_t{simdjson::SIMDJSON_MAXSIZE_BYTES});
    impl_->stage.reset();
    // Depth is for simdjson's second stage, which is not used.
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        wanted, 1, impl_->stage);
    if (error != simdjson::SUCCESS) {
      impl_->stage.reset();
      *problem = "out of memory";
      return {};
    }
  }
  const auto error = impl_->stage->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                          text.size(), simdjson::stage1_mode::regular);
  switch (error) {
    case simdjson::SUCCESS:
      return {impl_->stage->structural_indexes.get(), impl_->stage->n_structural_indexes};
    case simdjson::EMPTY:
      *problem = "no JSON value";
      break;
    case simdjson::UTF8_ERROR:
      *problem = "invalid UTF-8";
      break;
    case simdjson::UNESCAPED_CHARS:
      *problem = "a control character in a string";
      break;
    case simdjson::UNCLOSED_STRING:
      *problem = "a string that does not end";
      break;
    default:
      *problem = "not JSON";
      break;
  }
  return {};
}

}  // namespace wasat::json
