#include "net/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "net/tls.h"

namespace wasat::net {
namespace {

constexpr std::size_t kRecord = 16 * 1024;  // the largest TLS record

std::string tls_failure(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    return std::string("its certificate was not accepted: ") +
           X509_verify_cert_error_string(verified);
  }
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "the connection was closed during the TLS handshake";
}

}  // namespace

Stream::Stream(Socket socket) : socket_(std::make_unique<Socket>(std::move(socket))) {}

Stream::Stream(Stream&& other) noexcept { *this = std::move(other); }

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(ssl_, other.ssl_);
  std::swap(read_wants_write_, other.read_wants_write_);
  std::swap(write_wants_read_, other.write_wants_read_);
  return *this;
}

Stream::~Stream() {
  if (ssl_ != nullptr) SSL_free(ssl_);
}

IoResult Stream::tls_result(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {.error = IoResult::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN:
      return {};
    default:
      return {.error = IoResult::kTlsFailure};
  }
}

IoResult Stream::try_read(std::span<char> room) {
  if (ssl_ == nullptr) return socket_->read_some(room);
  ERR_clear_error();
  read_wants_write_ = false;
  std::size_t read = 0;
  // Several records may be there already.
  while (read < room.size()) {
    const int n = SSL_read(ssl_, room.data() + read,
                           static_cast<int>(std::min<std::size_t>(room.size() - read, 1u << 30)));
    if (n > 0) {
      read += static_cast<std::size_t>(n);
      if (SSL_has_pending(ssl_) == 0) break;
      continue;
    }
    if (read > 0) break;
    read_wants_write_ = SSL_get_error(ssl_, n) == SSL_ERROR_WANT_WRITE;
    return tls_result(n);
  }
  return {.bytes = read};
}

IoResult Stream::try_write(std::span<const iovec> pieces) {
  if (ssl_ == nullptr) return socket_->write_some(pieces);
  // Small pieces share a record; the same pieces give the same bytes again after would_block.
  static thread_local std::array<char, kRecord> gathered;
  const char* data = static_cast<const char*>(pieces[0].iov_base);
  std::size_t size = pieces[0].iov_len;
  if (size < kRecord && pieces.size() > 1) {
    size = 0;
    for (const iovec& piece : pieces) {
      const std::size_t n = std::min(piece.iov_len, kRecord - size);
      std::memcpy(gathered.data() + size, piece.iov_base, n);
      size += n;
      if (size == kRecord) break;
    }
    data = gathered.data();
  }
  ERR_clear_error();
  write_wants_read_ = false;
  const int n = SSL_write(ssl_, data, static_cast<int>(std::min(size, kRecord)));
  if (n > 0) return {.bytes = static_cast<std::size_t>(n)};
  write_wants_read_ = SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ;
  IoResult result = tls_result(n);
  if (result.error == 0) result.error = IoResult::kTlsFailure;
  return result;
}

Socket::Wait Stream::readable(TimePoint deadline, Cancel* cancel) {
  return read_wants_write_ ? socket_->writable(deadline, cancel)
                           : socket_->readable(deadline, cancel);
}

Socket::Wait Stream::writable(TimePoint deadline, Cancel* cancel) {
  return write_wants_read_ ? socket_->readable(deadline, cancel)
                           : socket_->writable(deadline, cancel);
}

Task<Result<>> Stream::write_all(std::span<iovec> pieces, std::chrono::nanoseconds stall,
                                 Cancel* cancel) {
  for (;;) {
    while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
    if (pieces.empty()) co_return Result<>{};
    const IoResult result = try_write(pieces);
    if (result.would_block()) {
      const TimePoint deadline = std::chrono::steady_clock::now() + stall;
      switch (co_await writable(deadline, cancel)) {
        case Wake::kReady:
          continue;
        case Wake::kTimeout:
          co_return fail(
              internal_error("the peer did not take our bytes in time", ErrorKind::kTimeout));
        case Wake::kCancelled:
        case Wake::kClosed:
          co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
      }
    }
    if (result.error != 0) {
      co_return fail(internal_error(describe(result), ErrorKind::kUpstreamFailed));
    }
    std::size_t written = result.bytes;
    while (written > 0) {
      iovec& piece = pieces.front();
      const std::size_t n = std::min(written, piece.iov_len);
      piece.iov_base = static_cast<char*>(piece.iov_base) + n;
      piece.iov_len -= n;
      written -= n;
      if (piece.iov_len == 0) pieces = pieces.subspan(1);
    }
  }
}

Task<Result<>> Stream::start_tls(TlsContext& context, TlsSessions& sessions, std::string host,
                                 TimePoint deadline, Cancel* cancel) {
  ssl_ = context.connect(*socket_, host);
  sessions.attach(ssl_, host);
  for (;;) {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_);
    if (returned == 1) co_return Result<>{};
    Wake wake;
    switch (SSL_get_error(ssl_, returned)) {
      case SSL_ERROR_WANT_READ:
        wake = co_await socket_->readable(deadline, cancel);
        break;
      case SSL_ERROR_WANT_WRITE:
        wake = co_await socket_->writable(deadline, cancel);
        break;
      default:
        co_return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                                      "TLS with " + host + " failed: " + tls_failure(ssl_)));
    }
    if (wake == Wake::kReady) continue;
    co_return fail(wake == Wake::kTimeout
                       ? upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                                        "TLS with " + host + " took too long")
                       : internal_error("cancelled", ErrorKind::kCancelled));
  }
}

std::string Stream::describe(const IoResult& result) {
  if (result.error == IoResult::kTlsFailure) return "the TLS connection broke";
  if (result.error > 0) return std::strerror(result.error);
  return "the connection was closed";
}

}  // namespace wasat::net
