#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "net/authorities.h"
#include "net/socket.h"

namespace wasat::net {
namespace {

// BIO over a Socket ---------------------------------------------------------

int bio_read(BIO* bio, char* out, int length) {
  auto* socket = static_cast<Socket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const IoResult result = socket->read_some({out, static_cast<std::size_t>(length)});
  if (result.would_block()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  if (result.error != 0) return -1;
  if (result.bytes == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(result.bytes);
}

int bio_write(BIO* bio, const char* data, int length) {
  auto* socket = static_cast<Socket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const iovec piece{const_cast<char*>(data), static_cast<std::size_t>(length)};
  const IoResult result = socket->write_some({&piece, 1});
  if (result.would_block()) {
    BIO_set_retry_write(bio);
    return -1;
  }
  return result.error != 0 ? -1 : static_cast<int>(result.bytes);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* socket_bio() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wasat socket");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, bio_create);
    return made;
  }();
  return method;
}

// Sessions ------------------------------------------------------------------

struct SessionKey {
  TlsSessions* sessions;
  std::string host;
};

void free_session_key(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<SessionKey*>(data);
}

int session_key_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_session_key);
  return index;
}

void trust_system_authorities(SSL_CTX* context) {
  const char* folders = std::getenv(X509_get_default_cert_dir_env());
  if (folders == nullptr) folders = X509_get_default_cert_dir();
  SSL_CTX_set_default_verify_dir(context);
  if (needs_authority_file(folders, std::getenv(X509_get_default_cert_file_env()))) {
    SSL_CTX_set_default_verify_file(context);
  }
}

std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  if (code == 0) return "unknown TLS error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "TLS error " + std::to_string(code);
}

}  // namespace

struct TlsSessionCallback {
  static int on_new(SSL* ssl, SSL_SESSION* session) {
    auto* key = static_cast<SessionKey*>(SSL_get_ex_data(ssl, session_key_index()));
    if (key == nullptr) return 0;
    key->sessions->remember(key->host, session);
    return 1;  // the session is ours now
  }
};

TlsSessions::~TlsSessions() {
  for (auto& [host, session] : sessions_) SSL_SESSION_free(session);
}

void TlsSessions::attach(SSL* ssl, const std::string& host) {
  SSL_set_ex_data(ssl, session_key_index(), new SessionKey{this, host});
  const auto known = sessions_.find(host);
  if (known != sessions_.end()) SSL_set_session(ssl, known->second);
}

void TlsSessions::remember(const std::string& host, SSL_SESSION* session) {
  const auto known = sessions_.find(host);
  if (known != sessions_.end()) {
    SSL_SESSION_free(known->second);
    known->second = session;
    return;
  }
  if (sessions_.size() >= kMost) {
    SSL_SESSION_free(sessions_.begin()->second);
    sessions_.erase(sessions_.begin());
  }
  sessions_.emplace(host, session);
}

Result<std::unique_ptr<TlsContext>> TlsContext::create(const std::string& ca_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return fail(internal_error("cannot set up TLS: " + openssl_error()));
  std::unique_ptr<TlsContext> made(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, TlsSessionCallback::on_new);
  trust_system_authorities(context);
  if (!ca_file.empty() && SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
    return fail(internal_error("cannot read certificate authorities from " + ca_file + ": " +
                               openssl_error() + ". Give a PEM file that this user may read."));
  }
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context, kHttp11, sizeof kHttp11 - 1);
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

SSL* TlsContext::connect(Socket& socket, const std::string& host) {
  SSL* ssl = SSL_new(context_);
  BIO* bio = BIO_new(socket_bio());
  BIO_set_data(bio, &socket);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_connect_state(ssl);
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address literal is matched against the certificate's addresses.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) != 1) {
    SSL_set1_host(ssl, host.c_str());
  }
  return ssl;
}

}  // namespace wasat::net
