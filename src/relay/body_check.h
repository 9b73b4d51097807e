// BodyCheck: whether a body may be spliced into a message to a node.
//
// Its pieces together must be one JSON value in UTF-8. They are read where they lie (0.6 GB/s
// where values are short, several where strings are long), as many bytes at a time as the
// caller's thread can afford. The body outlives the check.

#pragma once

#include <cstdint>

#include "base/body.h"
#include "json/reader.h"
#include "json/scanner.h"
#include "ws/utf8.h"

namespace wasat::relay {

class BodyCheck {
 public:
  enum class State : std::uint8_t { kMore, kGood, kBad };

  explicit BodyCheck(const Body& body) : body_(body) {}

  // Reads on, `most` bytes at most.
  State step(std::size_t most);

 private:
  const Body& body_;
  std::size_t piece_ = 0;
  std::size_t read_ = 0;  // of this piece
  json::Scanner scanner_{json::kMaxDepth};
  ws::Utf8 utf8_;
};

}  // namespace wasat::relay
