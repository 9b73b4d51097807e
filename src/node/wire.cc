#include "node/wire.h"

#include <algorithm>

namespace wasat::node {
namespace {

// Of a long message: it is copied to be masked, and pongs go out between frames.
constexpr std::size_t kFrame = 256 * 1024;

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
  ws::Piece piece{.opcode = ws::Opcode::kText, .first = first, .last = last, .bytes = bytes};
  co_return co_await connection_.write({&piece, 1}, &cut_);
}

Task<Result<>> Wire::write_body(std::string_view body) {
  std::string frame;
  while (!body.empty()) {
    frame.assign(body.substr(0, kFrame));
    body.remove_prefix(frame.size());
    Result<> written = co_await write(frame, false, false);
    if (!written) co_return written;
  }
  co_return Result<>{};
}

Task<Result<>> Wire::send(std::string message) {
  co_await turn();
  Result<> written = co_await write(message, true, true);
  pass_on();
  co_return written;
}

Task<Result<>> Wire::send(std::string head, std::string_view body, std::string_view tail) {
  co_await turn();
  std::string end(tail);
  Result<> written = co_await write(head, true, false);
  if (written) written = co_await write_body(body);
  if (written) written = co_await write(end, false, true);
  pass_on();
  co_return written;
}

}  // namespace wasat::node
