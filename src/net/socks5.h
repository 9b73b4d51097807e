// The client's side of SOCKS5 (RFC 1928) with user and password (RFC 1929), as a pure state
// machine: bytes to send, how many to read next, what came.
//
// It asks for exactly as many bytes as the next part of the proxy's answer has, so
// nothing of what comes behind the answer is ever taken. Strict: whatever the RFCs do not
// allow is an error.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wasat::net {

class Socks5 {
 public:
  // Most bytes that take() is ever given at once.
  static constexpr std::size_t kMostAtOnce = 258;
  static constexpr std::size_t kLongestText = 255;  // of a name, a user and a password

  // `host`: a name or an address without brackets, at most kLongestText bytes. An empty user:
  // none is offered.
  Socks5(std::string host, std::uint16_t port, std::string user, std::string password);

  // What is to go to the proxy before it is listened to; empty: nothing. Once.
  std::string take_output();
  // How many bytes take() wants next; 0: the tunnel is open.
  std::size_t wants() const { return wants_; }
  // Exactly wants() bytes. Errors: kUpstreamFailed; what the proxy said or did wrong,
  // without its name and without the password.
  Result<> take(std::span<const char> bytes);

 private:
  enum class Step : std::uint8_t { kMethod, kAuthentication, kReply, kNameLength, kRest, kOpen };

  Result<> choose_method(std::uint8_t method);
  Result<> read_reply(std::span<const char> head);
  void ask_to_connect();
  void expect(Step step, std::size_t bytes) {
    step_ = step;
    wants_ = bytes;
  }

  const std::string host_;
  const std::uint16_t port_;
  const std::string user_;
  const std::string password_;
  std::string output_;
  Step step_ = Step::kMethod;
  std::size_t wants_ = 2;
};

}  // namespace wasat::net
