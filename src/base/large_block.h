// Memory for bodies of a megabyte and more.
//
// Mapping, zeroing and unmapping 20 MB for every request costs more CPU than
// moving the bytes, and so does lending the pages to the kernel in between
// (MADV_FREE: 1.46 times nginx for a 20 MiB image, without it 1.3). So what fits
// into kMostKeptBytes is kept as it is. Any thread.

#pragma once

#include <cstddef>

namespace wasat::internal {

inline constexpr std::size_t kLargeBlock = 1u << 20;      // smaller ones are malloc's business
inline constexpr std::size_t kMostKeptBytes = 32u << 20;  // of all kept blocks together

// At least `size` bytes, with what they held before left in them; `size` becomes the true size.
char* allocate_large(std::size_t& size);
void free_large(char* block, std::size_t size);
// The same bytes in a block of at least `size` bytes; may move.
char* grow_large(char* block, std::size_t old_size, std::size_t& size);

}  // namespace wasat::internal
