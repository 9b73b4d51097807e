// TLS as a client: one context for the process, one session cache per worker.
//
// OpenSSL works directly on our non-blocking sockets through a small BIO; that
// costs less memory and copying than a pair of memory BIOs.

#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace wasat::net {

class Socket;

// Shared by all workers, immutable after creation.
class TlsContext {
 public:
  // Trusts the system's certificate authorities and, if `ca_file` is not empty,
  // those in that PEM file. Peers are always verified; TLS 1.2 at least.
  static Result<std::unique_ptr<TlsContext>> create(const std::string& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A client session object on `socket` (which must not move), for `host`.
  ssl_st* connect(Socket& socket, const std::string& host);

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

// Sessions to resume, one per host, at most kMost. Belongs to one worker.
class TlsSessions {
 public:
  static constexpr std::size_t kMost = 256;
  TlsSessions() = default;
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;
  ~TlsSessions();

  // Offers a known session and remembers the ones that the server issues.
  void attach(ssl_st* ssl, const std::string& host);

 private:
  friend struct TlsSessionCallback;
  void remember(const std::string& host, ssl_session_st* session);
  std::unordered_map<std::string, ssl_session_st*> sessions_;
};

}  // namespace wasat::net
