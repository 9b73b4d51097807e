#include "base/large_block.h"

#include <sys/mman.h>

#include <mutex>
#include <new>
#include <vector>

namespace wasat::internal {
namespace {

constexpr std::size_t kPage = 4096;

struct Block {
  char* data;
  std::size_t size;
};

struct Kept {
  std::mutex mutex;
  std::vector<Block> blocks;
  std::size_t bytes = 0;
};

Kept& kept() {
  static Kept* const blocks = new Kept;  // outlives every thread
  return *blocks;
}

std::size_t whole_pages(std::size_t size) { return (size + kPage - 1) / kPage * kPage; }

}  // namespace

char* allocate_large(std::size_t& size) {
  Kept& all = kept();
  {
    const std::lock_guard lock(all.mutex);
    for (std::size_t i = 0; i < all.blocks.size(); ++i) {
      const Block block = all.blocks[i];
      if (block.size < size || block.size / 2 > size) continue;
      all.blocks.erase(all.blocks.begin() + static_cast<std::ptrdiff_t>(i));
      all.bytes -= block.size;
      size = block.size;
      return block.data;
    }
  }
  size = whole_pages(size);
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(data);
}

void free_large(char* block, std::size_t size) {
  Kept& all = kept();
  {
    const std::lock_guard lock(all.mutex);
    if (all.bytes + size <= kMostKeptBytes) {
      all.blocks.push_back({block, size});
      all.bytes += size;
      return;
    }
  }
  ::munmap(block, size);
}

char* grow_large(char* block, std::size_t old_size, std::size_t& size) {
  size = whole_pages(size);
  void* data = ::mremap(block, old_size, size, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(data);
}

}  // namespace wasat::internal
