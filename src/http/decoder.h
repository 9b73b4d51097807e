// The libraries that undo content codings, behind one interface. One body, one thread.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "http/content_coding.h"

namespace wasat::http {

class Decoder {
 public:
  enum class State : std::uint8_t {
    kGoing,
    kEnded,  // in good order; what follows is another of its kind
    kBroken,
  };
  struct Step {
    std::size_t used = 0;  // of the input
    std::size_t made = 0;  // of the output
    State state = State::kGoing;
  };
  virtual ~Decoder() = default;
  virtual Step step(std::string_view in, std::span<char> out) = 0;
};

// nullptr: identity, or no memory.
std::unique_ptr<Decoder> make_decoder(ContentCoding coding);

}  // namespace wasat::http
