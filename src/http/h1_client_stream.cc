#include "http/h1_client_stream.h"

#include <limits.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace wasat::http {
namespace {

Error upstream_failed(std::string detail) {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, std::move(detail));
}

Error interrupted(net::Wake wake) {
  if (wake == net::Wake::kTimeout) {
    return upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                          "the upstream did not answer in time");
  }
  return internal_error("cancelled", ErrorKind::kCancelled);
}

}  // namespace

H1ClientStream::H1ClientStream(net::Loop& loop, std::shared_ptr<Client::Pool> pool,
                               Client::Pool::Shelf* shelf, Connection connection,
                               std::size_t max_head, Cancel* cancel)
    : loop_(loop),
      pool_(std::move(pool)),
      shelf_(shelf),
      connection_(std::move(connection)),
      max_head_(max_head),
      cancel_(cancel) {}

H1ClientStream::~H1ClientStream() = default;

Error H1ClientStream::broken(const net::IoResult& result) const {
  const std::string why = net::Stream::describe(result);
  return upstream_failed(answered_
                             ? "the upstream broke off its answer: " + why
                             : "the upstream closed the connection without an answer: " + why);
}

Result<bool> H1ClientStream::try_fill() {
  if (!input_) input_ = loop_.buffers().borrow();
  const net::IoResult result = connection_.stream.try_read({input_.room(), input_.room_size()});
  if (result.bytes > 0) {
    answered_ = true;
    input_.added(result.bytes);
    return true;
  }
  if (result.would_block()) return false;
  connection_closed_cleanly_ = result.ended();
  return fail(broken(result));
}

Task<Result<>> H1ClientStream::send(std::string_view host, const ClientRequest& request,
                                    net::TimePoint deadline) {
  std::string head;
  head.reserve(512);
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  head.append(host).append("\r\n");
  for (const Header& header : request.headers) {
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!request.upgrade.empty()) {
    head.append("Connection: Upgrade\r\nUpgrade: ").append(request.upgrade).append("\r\n");
  }
  if (request.body != nullptr) {
    std::array<char, 24> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), request.body->size()).ptr;
    head.append("Content-Length: ").append(digits.data(), end).append("\r\n");
  }
  if (request.source != nullptr) {
    if (const std::optional<std::uint64_t> length = request.source->length()) {
      head.append("Content-Length: ").append(std::to_string(*length)).append("\r\n");
    } else {
      head += "Transfer-Encoding: chunked\r\n";
    }
  }
  head += "\r\n";

  std::vector<iovec> pieces;
  pieces.reserve(1 + (request.body != nullptr ? request.body->pieces().size() : 0));
  pieces.push_back({head.data(), head.size()});
  if (request.body != nullptr) {
    for (const std::string_view piece : request.body->pieces()) {
      pieces.push_back({const_cast<char*>(piece.data()), piece.size()});
    }
  }
  Result<bool> early = co_await write_pieces(pieces, deadline);
  if (early && !*early && request.source != nullptr) {
    early = co_await write_source(*request.source, request.source_stall, deadline);
  }
  if (!early) co_return fail(early.error());
  all_sent_ = !*early;
  co_return Result<>{};
}

Task<Result<bool>> H1ClientStream::write_source(BodySource& source, std::chrono::seconds stall,
                                                net::TimePoint deadline) {
  const bool chunked = !source.length();
  std::uint64_t left = source.length().value_or(0);
  net::Block block = loop_.buffers().borrow();
  for (;;) {
    if (!chunked && left == 0) co_return false;
    const Result<std::size_t> n = co_await source.read({block.room(), block.capacity()});
    if (!n) co_return fail(n.error());
    if (*n == 0 && !chunked) {
      co_return fail(
          client_error(ErrorKind::kInvalidRequest, "the body is shorter than announced"));
    }
    std::array<char, 24> size_line;
    char* end = std::to_chars(size_line.data(), size_line.data() + 16, *n, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    char line_end[] = "\r\n";
    std::array<iovec, 3> pieces{
        iovec{size_line.data(), static_cast<std::size_t>(end - size_line.data())},
        iovec{block.room(), *n}, iovec{line_end, 2}};
    // The last chunk is empty: its size line and the line that ends the (absent) trailers.
    if (stall.count() > 0) deadline = std::chrono::steady_clock::now() + stall;
    const Result<bool> early = co_await write_pieces(
        chunked ? std::span(pieces) : std::span(pieces).subspan(1, 1), deadline);
    if (!early || *early) co_return early;
    if (*n == 0) co_return false;
    left -= chunked ? 0 : *n;
  }
}

Task<Result<bool>> H1ClientStream::write_pieces(std::span<iovec> left, net::TimePoint deadline) {
  while (!left.empty()) {
    if (left.front().iov_len == 0) {
      left = left.subspan(1);
      continue;
    }
    const net::IoResult result = connection_.stream.try_write(left);
    if (result.would_block()) {
      const net::Wake wake =
          co_await connection_.stream.socket().readable_or_writable(deadline, cancel_);
      if (wake != net::Wake::kReady) co_return fail(interrupted(wake));
      // An answer before the end of the request is final: send no more.
      const Result<bool> early = try_fill();
      if (!early || *early) co_return early;
      continue;
    }
    if (result.error != 0) {
      // The reason may lie in the socket, ahead of the reset.
      const Result<bool> early = try_fill();
      if (early && *early) co_return true;
      co_return fail(broken(result));
    }
    std::size_t written = result.bytes;
    while (!left.empty() && written >= left.front().iov_len) {
      written -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (written > 0) {
      left.front().iov_base = static_cast<char*>(left.front().iov_base) + written;
      left.front().iov_len -= written;
    }
  }
  co_return false;
}

// True when the head was complete and final.
Result<bool> H1ClientStream::take_head(const ClientRequest& request) {
  for (;;) {
    const HeadScan scan = scan_head(input_.view());
    if (scan.wrong != nullptr) {
      return fail(upstream_failed("the upstream's answer is not HTTP: " + std::string(scan.wrong)));
    }
    if (scan.length > max_head_ || (scan.length == 0 && input_.size() > max_head_)) {
      return fail(upstream_failed("the upstream's response head is too large"));
    }
    if (scan.length == 0) {
      if (input_.room_size() == 0) {
        input_.compact();
        if (input_.room_size() == 0) input_.grow(2 * input_.capacity());
      }
      return false;
    }
    head_text_.assign(input_.view().substr(0, scan.length));
    input_.consume(scan.length);
    parser_.reset();
    if (const auto wrong = parser_.parse_head(head_text_); wrong) {
      return fail(upstream_failed("the upstream's answer is malformed: " + std::string(*wrong)));
    }
    const Head& head = parser_.head();
    if (head.status == 101) {
      if (request.upgrade.empty()) {
        return fail(upstream_failed("the upstream switched protocols unasked"));
      }
      upgraded_ = true;
      return true;
    }
    if (head.status < 200) continue;  // 100 Continue, 103 Early Hints
    remaining_ = head.content_length.value_or(0);
    if (request.method == "HEAD" || head.status == 204 || head.status == 304) {
      framing_ = Framing::kNone;
    } else if (head.chunked) {
      framing_ = Framing::kChunked;
    } else if (head.content_length) {
      framing_ = remaining_ > 0 ? Framing::kLength : Framing::kNone;
    } else {
      framing_ = Framing::kUntilClose;
    }
    return true;
  }
}

Task<Result<>> H1ClientStream::exchange_heads(std::string_view host, const ClientRequest& request,
                                              net::TimePoint deadline) {
  const Result<> sent = co_await send(host, request, deadline);
  if (!sent) co_return fail(sent.error());
  if (request.source != nullptr && request.source_stall.count() > 0) {
    deadline = std::chrono::steady_clock::now() + request.source_stall;
  }
  for (;;) {
    if (!input_.empty()) {
      const Result<bool> complete = take_head(request);
      if (!complete) co_return fail(complete.error());
      if (*complete) break;
    }
    const Result<bool> filled = try_fill();
    if (!filled) co_return fail(filled.error());
    if (*filled) continue;
    if (input_.empty()) input_.reset();
    const net::Wake wake = co_await connection_.stream.readable(deadline, cancel_);
    if (wake != net::Wake::kReady) co_return fail(interrupted(wake));
  }
  ended_ = framing_ == Framing::kNone;
  release_when_done();
  co_return Result<>{};
}

// Gives the connection back once the answer is complete.
void H1ClientStream::release_when_done() {
  if (!ended_ || !connection_.stream || upgraded_) return;
  const bool clean = all_sent_ && parser_.head().keep_alive && input_.size() == given_ &&
                     framing_ != Framing::kUntilClose;
  if (clean && shelf_ != nullptr) {
    pool_->keep(*shelf_, std::move(connection_));
  }
  connection_ = {};
}

// What has come of the body; nothing of it: more must come. Not a part of read(), whose frame
// each stream holds while it waits.
[[gnu::noinline]] Result<ClientStream::Piece> H1ClientStream::arrived() {
  for (;;) {
    if (ended_) return Piece{.ended = true};
    if (!input_.empty()) {
      std::size_t shown = 0;
      switch (framing_) {
        case Framing::kNone:
          break;
        case Framing::kLength:
          shown = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input_.size()));
          remaining_ -= shown;
          ended_ = remaining_ == 0;
          break;
        case Framing::kUntilClose:
          shown = input_.size();
          break;
        case Framing::kChunked: {
          const std::size_t size = input_.size();
          const ChunkedDecoder::Step step = chunks_.decode(input_.data(), size);
          if (chunks_.malformed()) {
            return fail(upstream_failed("the upstream's chunked answer is malformed"));
          }
          const std::size_t rest = size - step.used;
          std::memmove(input_.data() + step.decoded, input_.data() + step.used, rest);
          input_.shrink(step.decoded + rest);
          shown = step.decoded;
          ended_ = chunks_.ended();
          break;
        }
      }
      given_ = shown;
      if (ended_) release_when_done();
      if (shown > 0 || ended_) {
        return Piece{.bytes = input_.view().substr(0, shown), .ended = ended_};
      }
    }
    input_.rewind();
    const Result<bool> filled = try_fill();
    if (filled && *filled) continue;
    if (!filled) {
      // Without any framing the end of the connection is the end of the body; TLS
      // tells a real end from a cut.
      if (framing_ == Framing::kUntilClose && connection_closed_cleanly_) {
        ended_ = true;
        return Piece{.ended = true};
      }
      return fail(filled.error());
    }
    input_.reset();
    return Piece{};
  }
}

Task<Result<ClientStream::Piece>> H1ClientStream::read(net::TimePoint deadline) {
  input_.consume(std::exchange(given_, 0));
  for (;;) {
    if (Result<Piece> piece = arrived(); !piece || piece->ended || !piece->bytes.empty()) {
      co_return piece;
    }
    const net::Wake wake = co_await connection_.stream.readable(deadline, cancel_);
    if (wake == net::Wake::kTimeout) co_return Piece{.idle = true};
    if (wake != net::Wake::kReady) co_return fail(interrupted(wake));
  }
}

}  // namespace wasat::http
