#include <algorithm>
#include <cstring>

#include "http/content_coding.h"
#include "http/h1_server_exchange.h"

namespace wasat::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Error body_too_large(std::size_t limit) {
  return client_error(ErrorKind::kTooLarge, "the request body is larger than the limit of " +
                                                std::to_string(limit) + " bytes");
}

}  // namespace

H1ServerConnection::Request::~Request() {
  connection_.stream_.socket().unwatch();
  if (budget_taken_ > 0) connection_.options().body_budget->give_back(budget_taken_);
}

std::optional<std::string_view> H1ServerConnection::Request::begin(std::string_view head) {
  // Empty lines before the request line are no part of it.
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  head_text_.assign(head);
  const auto wrong = parser_.parse_head(head_text_);
  const Head& parsed = parser_.head();
  method = parsed.method;
  target = parsed.target;
  if (wrong) return wrong;
  const std::size_t mark = target.find('?');
  path = target.substr(0, mark);
  query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  headers = parsed.headers;
  remote_address = connection_.peer_;
  remaining_ = parsed.content_length.value_or(0);
  body_ended_ = !parsed.chunked && remaining_ == 0;
  const std::string_view expect = header("expect");
  if (!expect.empty() && !equals_ignoring_case(expect, "100-continue")) {
    return "the only expectation that can be met is 100-continue";
  }
  expects_continue_ = !expect.empty() && !parsed.http_1_0;
  return std::nullopt;
}

Task<Result<>> H1ServerConnection::Request::continue_if_expected() {
  if (!std::exchange(expects_continue_, false)) co_return Result<>{};
  if (!connection_.input_.empty() || response_->started()) co_return Result<>{};
  iovec piece{const_cast<char*>(kContinue.data()), kContinue.size()};
  co_return co_await connection_.stream_.write_all({&piece, 1}, connection_.options().write_stall);
}

Result<> H1ServerConnection::Request::take(std::size_t bytes, std::size_t limit) {
  if (bytes > limit) return fail(body_too_large(limit));
  ByteBudget* budget = connection_.options().body_budget;
  if (budget == nullptr || bytes <= budget_taken_) return {};
  if (!budget->try_take(bytes - budget_taken_)) {
    Error error =
        internal_error("the requests that are being served fill the memory set aside for bodies (" +
                           std::to_string(budget->limit()) + " bytes); try again soon",
                       ErrorKind::kUnavailable);
    error.retry_after = std::chrono::seconds(1);
    return fail(std::move(error));
  }
  budget_taken_ = bytes;
  return {};
}

Task<Result<std::size_t>> H1ServerConnection::Request::read_some(std::span<char> room) {
  if (body_ended_ || room.empty()) co_return std::size_t{0};
  const Result<> continued = co_await continue_if_expected();
  if (!continued) co_return fail(continued.error());
  net::Block& input = connection_.input_;
  const net::TimePoint deadline =
      std::chrono::steady_clock::now() + connection_.options().body_stall;
  if (!parser_.head().chunked) {
    std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, room.size()));
    if (!input.empty()) {
      n = std::min(n, input.size());
      std::memcpy(room.data(), input.data(), n);
      input.consume(n);
    } else {
      // Past our buffer, straight to where the bytes belong.
      for (;;) {
        const net::IoResult result = connection_.stream_.try_read(room.first(n));
        if (result.would_block()) {
          const net::Wake wake =
              co_await connection_.stream_.readable(deadline, connection_.reading_cancel());
          if (wake == net::Wake::kReady) continue;
          co_return fail(client_error(ErrorKind::kTimeout, "the request body stopped coming"));
        }
        if (result.error != 0 || result.ended()) {
          co_return fail(client_error(ErrorKind::kCancelled, "the client left within its body"));
        }
        n = result.bytes;
        break;
      }
    }
    remaining_ -= n;
    body_ended_ = remaining_ == 0;
    co_return n;
  }
  while (decoded_ready_ == 0) {
    if (chunks_.ended()) {
      body_ended_ = true;
      co_return std::size_t{0};
    }
    if (input.empty()) {
      const Result<> filled = co_await connection_.fill(deadline);
      if (!filled) co_return fail(filled.error());
    }
    const std::size_t size = input.size();
    const ChunkedDecoder::Step step = chunks_.decode(input.data(), size);
    if (chunks_.malformed()) {
      co_return fail(client_error(ErrorKind::kInvalidRequest, "the body's chunks are malformed"));
    }
    // What follows the body moves up behind its decoded bytes.
    const std::size_t rest = size - step.used;
    std::memmove(input.data() + step.decoded, input.data() + step.used, rest);
    input.shrink(step.decoded + rest);
    decoded_ready_ = step.decoded;
  }
  const std::size_t n = std::min(decoded_ready_, room.size());
  std::memcpy(room.data(), input.data(), n);
  input.consume(n);
  decoded_ready_ -= n;
  co_return n;
}

Task<Result<std::shared_ptr<Buffer>>> H1ServerConnection::Request::read_wire_body(
    BodyLimits limits) {
  const std::optional<std::uint64_t> length = parser_.head().content_length;
  if (length && *length > limits.wire_bytes) co_return fail(body_too_large(limits.wire_bytes));
  auto body = std::make_shared<Buffer>(length ? static_cast<std::size_t>(*length) : 16 * 1024);
  const Result<> reserved =
      take(body->capacity(), std::max<std::size_t>(limits.wire_bytes, body->capacity()));
  if (!reserved) co_return fail(reserved.error());
  while (!body_ended_) {
    if (body->size() == body->capacity()) {
      const std::size_t larger = 2 * body->capacity();
      if (body->size() >= limits.wire_bytes) co_return fail(body_too_large(limits.wire_bytes));
      const Result<> grown = take(larger, larger);
      if (!grown) co_return fail(grown.error());
      body->reserve(larger);
    }
    const Result<std::size_t> n =
        co_await read_some({body->data() + body->size(), body->capacity() - body->size()});
    if (!n) co_return fail(n.error());
    body->resize(body->size() + *n);
  }
  if (body->size() > limits.wire_bytes) co_return fail(body_too_large(limits.wire_bytes));
  co_return body;
}

Task<Result<std::shared_ptr<const Buffer>>> H1ServerConnection::Request::read_body(
    BodyLimits limits) {
  const std::optional<ContentCoding> coding = content_coding(header("content-encoding"));
  if (!coding) {
    co_return fail(client_error(
        ErrorKind::kUnsupportedMedia,
        "Content-Encoding must be one of " + std::string(kContentCodings) + ", or absent"));
  }
  Result<std::shared_ptr<Buffer>> body = co_await read_wire_body(limits);
  if (!body) co_return fail(body.error());
  watch_client();
  if (*coding == ContentCoding::kIdentity || (*body)->size() == 0) co_return std::move(*body);
  UnpackLimits unpacking{.most = limits.decoded_bytes,
                         .reserve = [this](std::size_t bytes) { return take(bytes, bytes); }};
  Result<std::shared_ptr<Buffer>> unpacked =
      co_await unpack(connection_.loop(), *coding, *body, std::move(unpacking));
  if (!unpacked) co_return fail(unpacked.error());
  co_return std::move(*unpacked);
}

void H1ServerConnection::Request::watch_client() {
  if (!body_ended_) return;
  if (connection_.input_.empty()) connection_.input_.reset();
  connection_.stream_.socket().watch(on_readable, this);
}

// The client said something behind its request: it left, or it sends the next
// one early. The latter is kept, up to one block.
void H1ServerConnection::Request::on_readable(void* self) {
  auto& request = *static_cast<Request*>(self);
  H1ServerConnection& connection = request.connection_;
  net::Block& input = connection.input_;
  if (!input) input = connection.loop().buffers().borrow();
  if (input.room_size() == 0) return;
  const net::IoResult result = connection.stream_.try_read({input.room(), input.room_size()});
  if (result.bytes > 0) input.added(result.bytes);
  if (input.empty()) input.reset();
  if (result.bytes > 0 || result.would_block()) {
    connection.stream_.socket().watch(on_readable, self);
    return;
  }
  connection.closing_ = true;
  request.departed_.request();
}

}  // namespace wasat::http
