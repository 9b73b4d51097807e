#include "node/wire.h"

#include <algorithm>

namespace wasat::node {
namespace {

// Of a long message: a frame is masked at once, and others' pongs go out between frames.
constexpr std::size_t kFrame = 1u << 20;

}  // namespace

void Wire::pass_on() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  const std::coroutine_handle<> next = waiting_.front();
  waiting_.pop_front();
  // Not from within: a long queue must not become a deep stack.
  connection_.stream().socket().loop().post([next] { next.resume(); });
}

Task<Result<>> Wire::write(std::span<char> bytes, bool first, bool last) {
  do {
    const std::size_t size = std::min(bytes.size(), kFrame);
    ws::Piece piece{.opcode = ws::Opcode::kText,
                    .first = first,
                    .last = last && size == bytes.size(),
                    .bytes = bytes.first(size)};
    Result<> written = co_await connection_.write({&piece, 1}, &cut_);
    if (!written) co_return written;
    bytes = bytes.subspan(size);
    first = false;
  } while (!bytes.empty());
  co_return Result<>{};
}

Task<Result<>> Wire::send(std::string message) {
  co_await turn();
  Result<> written = co_await write(message, true, true);
  pass_on();
  co_return written;
}

Task<Result<>> Wire::send(std::string head, Buffer& body, std::string tail) {
  co_await turn();
  Result<> written = co_await write(head, true, false);
  if (written) written = co_await write({body.data(), body.size()}, false, false);
  if (written) written = co_await write(tail, false, true);
  pass_on();
  co_return written;
}

}  // namespace wasat::node
