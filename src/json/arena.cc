#include <algorithm>

#include "json/document_state.h"

namespace wasat::json {
namespace {

constexpr std::size_t kFirstBlock = 4096;

}  // namespace

char* Arena::allocate(std::size_t size) {
  if (blocks_.empty() || blocks_.back().size - used_ < size + kPadding) {
    const std::size_t grown = blocks_.empty() ? kFirstBlock : blocks_.back().size * 2;
    const std::size_t block = std::max(size + kPadding, grown);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    capacity_ += block;
    used_ = 0;
  }
  char* room = blocks_.back().bytes.get() + used_;
  used_ += size;
  return room;
}

void Arena::clear() {
  // Keep the largest: the next text is likely to be like the last one.
  if (blocks_.size() > 1) {
    std::swap(blocks_.front(), blocks_.back());
    blocks_.resize(1);
    capacity_ = blocks_.front().size;
  }
  used_ = 0;
}

}  // namespace wasat::json
