// What the upstream of the benchmarks sends, made once.

#pragma once

#include <cstddef>
#include <string>

namespace bench {

struct Answers {
  std::string unary;
  std::string upload;  // says where the bytes of a file go
  std::string stream_head;
  std::string event;       // as an HTTP chunk
  std::string last_event;  // the same with a finishReason, and the end of the body
  std::size_t digits = 0;  // where the number stands in `event`
  std::size_t last_digits = 0;
};

// `unary`: bytes of an answer that is not streamed.
Answers make_answers(std::size_t unary);

}  // namespace bench
