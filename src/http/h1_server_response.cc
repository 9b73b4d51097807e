#include <algorithm>
#include <charconv>
#include <ctime>

#include "http/h1_server_exchange.h"

namespace wasat::http {
namespace {

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", made once a second.
std::string_view date_line() {
  static thread_local std::time_t made_at = 0;
  static thread_local std::array<char, 48> line;
  static thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made_at = now;
  }
  return {line.data(), size};
}

void append_number(std::string& out, std::uint64_t value, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out.append(digits.data(), end);
}

iovec piece(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace

void H1ServerConnection::Response::build_head(int status, std::span<const Header> headers) {
  started_ = true;
  head_.reserve(256);
  head_ += "HTTP/1.1 ";
  append_number(head_, static_cast<std::uint64_t>(status));
  head_ += ' ';
  head_ += reason_phrase(status);
  head_ += "\r\n";
  head_ += date_line();
  for (const Header& header : headers) {
    head_ += header.name;
    head_ += ": ";
    head_ += header.value;
    head_ += "\r\n";
  }
  if (framing_ == Framing::kLength) {
    head_ += "Content-Length: ";
    append_number(head_, announced_);
    head_ += "\r\n";
  } else if (framing_ == Framing::kChunked) {
    head_ += "Transfer-Encoding: chunked\r\n";
  }
  const Head& asked = request_.head();
  if (!asked.keep_alive || connection_.server_.draining_ || framing_ == Framing::kUntilClose) {
    close_ = true;
  }
  if (close_) {
    head_ += "Connection: close\r\n";
  } else if (asked.http_1_0) {
    head_ += "Connection: keep-alive\r\n";
  }
  head_ += "\r\n";
  if (request_.method == "HEAD" || status == 204 || status == 304) framing_ = Framing::kNone;
}

Task<Result<>> H1ServerConnection::Response::send(int status, std::span<const Header> headers,
                                                  std::string_view body) {
  announced_ = body.size();
  framing_ = status == 204 || status == 304 ? Framing::kNone : Framing::kLength;
  build_head(status, headers);
  return put(body, true);
}

void H1ServerConnection::Response::start(int status, std::span<const Header> headers,
                                         std::optional<std::uint64_t> content_length) {
  announced_ = content_length.value_or(0);
  framing_ = content_length             ? Framing::kLength
             : request_.head().http_1_0 ? Framing::kUntilClose
                                        : Framing::kChunked;
  build_head(status, headers);
}

Task<Result<>> H1ServerConnection::Response::write(std::string_view bytes) {
  return put(bytes, false);
}

Task<Result<>> H1ServerConnection::Response::finish(std::string_view last) {
  return put(last, true);
}

Task<Result<>> H1ServerConnection::Response::put(std::string_view body, bool last) {
  if (aborted_ || finished_) {
    co_return fail(internal_error("the answer has ended already"));
  }
  std::array<iovec, 5> pieces;
  std::size_t count = 0;
  if (!head_.empty()) pieces[count++] = piece(head_);
  std::array<char, 20> size_line;
  if (framing_ == Framing::kNone) {
    body = {};
  } else if (framing_ == Framing::kChunked) {
    if (!body.empty()) {
      char* end = std::to_chars(size_line.data(), size_line.data() + 16, body.size(), 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      pieces[count++] = piece({size_line.data(), end});
      pieces[count++] = piece(body);
      pieces[count++] = piece(last ? "\r\n0\r\n\r\n" : "\r\n");
    } else if (last) {
      pieces[count++] = piece("0\r\n\r\n");
    }
  } else if (!body.empty()) {
    pieces[count++] = piece(body);
  }
  bytes_sent_ += body.size();
  if (framing_ == Framing::kLength &&
      (bytes_sent_ > announced_ || (last && bytes_sent_ < announced_))) {
    abort();
    co_return fail(internal_error("the answer is not as long as its head announced"));
  }
  std::size_t total = 0;
  for (const iovec& part : std::span(pieces).first(count)) total += part.iov_len;
  if (total > 0) {
    // Nearly always the kernel takes all of it at once.
    const net::IoResult tried = connection_.stream_.try_write(std::span(pieces).first(count));
    if (tried.bytes < total) {
      std::size_t written = tried.bytes;
      for (iovec& part : std::span(pieces).first(count)) {
        const std::size_t n = std::min(written, part.iov_len);
        part.iov_base = static_cast<char*>(part.iov_base) + n;
        part.iov_len -= n;
        written -= n;
      }
      const Result<> rest = co_await connection_.stream_.write_all(
          std::span(pieces).first(count), connection_.options().write_stall);
      if (!rest) {
        abort();
        Error error = rest.error();
        error.source = ErrorSource::kClient;
        if (error.kind != ErrorKind::kTimeout) error.kind = ErrorKind::kCancelled;
        co_return fail(std::move(error));
      }
    }
  }
  if (!head_.empty()) std::string().swap(head_);
  finished_ = last;
  co_return Result<>{};
}

// RFC 9110 section 7.8.
Task<Result<Upgraded>> H1ServerConnection::Response::upgrade(std::string_view protocol,
                                                             std::span<const Header> headers) {
  if (started_ || !request_.body_ended() || request_.head().http_1_0) {
    co_return fail(client_error(ErrorKind::kInvalidRequest,
                                "only an HTTP/1.1 request without a body can be upgraded"));
  }
  started_ = finished_ = upgraded_ = true;
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ";
  head.append(protocol).append("\r\n").append(date_line());
  for (const Header& header : headers) {
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  head += "\r\n";
  iovec all = piece(head);
  const Result<> sent =
      co_await connection_.stream_.write_all({&all, 1}, connection_.options().write_stall);
  connection_.stream_.socket().unwatch();
  if (!sent) {
    co_return fail(client_error(ErrorKind::kCancelled, "the client left during its upgrade"));
  }
  co_return Upgraded{connection_.stream_, std::move(connection_.input_), connection_.idle_};
}

void H1ServerConnection::Response::abort() {
  aborted_ = close_ = true;
  connection_.stream_.socket().reset_on_close();
}

}  // namespace wasat::http
