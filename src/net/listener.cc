#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace wasat::net {
namespace {

constexpr int kBacklog = 4096;
// Connections taken before others on the loop get their turn.
constexpr int kAcceptBurst = 64;
constexpr std::chrono::milliseconds kPauseWithoutDescriptors{100};

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text,
                sizeof text);
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text,
                sizeof text);
    // IPv4 behind a dual-stack listener.
    if (std::strncmp(text, "::ffff:", 7) == 0) return text + 7;
  }
  return text;
}

}  // namespace

Result<int> open_listening_socket(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  const std::string where = host + ":" + service;
  if (const int code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found); code != 0) {
    return fail(internal_error("cannot listen on " + where + ": " + ::gai_strerror(code) +
                               ". Set HOST to an address of this machine, such as 127.0.0.1."));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd < 0 || ::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    return fail(internal_error("cannot listen on " + where + ": " + std::strerror(error) +
                               (error == EADDRINUSE
                                    ? ". Another program has this port: stop it or set PORT."
                                    : ". Set HOST and PORT to what this user may listen on.")));
  }
  return fd;
}

int inherited_listening_socket() {
  constexpr int kFirst = 3;
  const char* const count = std::getenv("LISTEN_FDS");
  const char* const process = std::getenv("LISTEN_PID");
  if (count == nullptr || process == nullptr || std::atoi(count) < 1) return -1;
  if (std::atol(process) != static_cast<long>(::getpid())) return -1;
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(kFirst, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
    return -1;
  }
  ::fcntl(kFirst, F_SETFD, FD_CLOEXEC);
  ::fcntl(kFirst, F_SETFL, ::fcntl(kFirst, F_GETFL) | O_NONBLOCK);
  return kFirst;
}

std::uint16_t local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

Listener::Listener(Loop& loop, int fd, Accepted accepted)
    : loop_(loop),
      socket_(loop, ::fcntl(fd, F_DUPFD_CLOEXEC, 0)),
      accepted_(std::move(accepted)),
      spare_fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Listener::~Listener() {
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

void Listener::start(TaskScope& scope) { scope.start(accept_until_stopped()); }

void Listener::stop() { stop_.request(); }

Task<> Listener::accept_until_stopped() {
  while (!stop_.requested()) {
    int accepted = 0;
    while (accepted < kAcceptBurst && accept_one()) ++accepted;
    if (accepted == kAcceptBurst) {
      co_await yield(loop_);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      refuse_one();
      co_await sleep_for(loop_, kPauseWithoutDescriptors, &stop_);
      continue;
    }
    socket_.expect_request();  // the queue is empty: wait for the kernel
    co_await socket_.readable(kNoDeadline, &stop_);
  }
}

// False with errno when there is nothing (more) to accept.
bool Listener::accept_one() {
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return false;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Socket socket(loop_, fd);
    socket.expect_request();
    accepted_(std::move(socket), address_text(address));
    return true;
  }
}

// Takes the first connection off the queue and closes it, so that its client sees
// an end instead of silence.
void Listener::refuse_one() {
  if (spare_fd_ < 0) return;
  ::close(spare_fd_);
  const int fd = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace wasat::net
