// What a Document keeps: one Node per value, in the order of the text, and the
// memory that parse() calls share. Private to this room.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "json/structure.h"
#include "json/text.h"

namespace wasat::json {

// Offsets count from the start of the text, which is why texts end at 4 GiB.
struct Document::Node {
  std::uint32_t begin;
  std::uint32_t length;
  std::uint32_t key_begin;   // of the key with its quotes
  std::uint32_t key_length;  // 0: an element or the root
  std::uint32_t next;        // the node behind this one's children
  std::uint32_t count;       // of children
  Type type;
  Escapes escapes;  // of a string
  Escapes key_escapes;
};

// Bump allocation for unescaped strings. Views stay until clear(), and kPadding
// bytes behind them can be read.
class Arena {
 public:
  char* allocate(std::size_t size);
  void clear();
  std::size_t capacity() const { return capacity_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // of the last block
  std::size_t capacity_ = 0;
};

struct Document::State {
  const char* text = nullptr;
  std::unique_ptr<Node[]> nodes;
  std::size_t capacity = 0;         // of nodes
  std::vector<std::uint32_t> open;  // the containers around the current token
  StructureIndexer indexer;
  Arena arena;
};

}  // namespace wasat::json
