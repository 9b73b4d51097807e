// Stream: a byte stream over a Socket, plain or TLS.
//
// The same contract as Socket: try_read and try_write never wait; on
// would_block() the caller awaits readable() or writable() and tries again.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "net/socket.h"

struct ssl_st;

namespace wasat::net {

class TlsContext;
class TlsSessions;

class Stream {
 public:
  Stream() = default;
  explicit Stream(Socket socket);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  explicit operator bool() const { return socket_ != nullptr; }
  Socket& socket() { return *socket_; }
  bool tls() const { return ssl_ != nullptr; }

  IoResult try_read(std::span<char> room);
  IoResult try_write(std::span<const iovec> pieces);

  Socket::Wait readable(TimePoint deadline, Cancel* cancel = nullptr);
  Socket::Wait writable(TimePoint deadline, Cancel* cancel = nullptr);

  // Writes all of it. `stall` bounds each wait for the kernel to take more;
  // the pieces are altered.
  WASAT_OWN_FRAME Task<Result<>> write_all(std::span<iovec> pieces, std::chrono::nanoseconds stall,
                                           Cancel* cancel = nullptr);

  // Speaks TLS from now on, as client: verifies the certificate against `host`.
  WASAT_OWN_FRAME Task<Result<>> start_tls(TlsContext& context, TlsSessions& sessions,
                                           std::string host, TimePoint deadline, Cancel* cancel);

  // What an IoResult with an error means, for people.
  static std::string describe(const IoResult& result);

 private:
  IoResult tls_result(int returned);

  std::unique_ptr<Socket> socket_;  // its address is known to the TLS layer
  ssl_st* ssl_ = nullptr;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

}  // namespace wasat::net
