#include "net/socks5.h"

#include <arpa/inet.h>

#include <utility>

namespace wasat::net {
namespace {

constexpr char kVersion = 5;
constexpr char kAuthenticationVersion = 1;
constexpr std::uint8_t kNoAuthentication = 0;
constexpr std::uint8_t kUserAndPassword = 2;
constexpr std::uint8_t kNoneIsGood = 0xff;
constexpr char kConnect = 1;
constexpr std::uint8_t kAddress4 = 1;
constexpr std::uint8_t kName = 3;
constexpr std::uint8_t kAddress6 = 4;
constexpr std::size_t kPortBytes = 2;

std::unexpected<Error> wrong(std::string why) {
  return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, std::move(why)));
}

// RFC 1928 section 6.
std::string_view meaning(std::uint8_t reply) {
  switch (reply) {
    case 1:
      return "it failed";
    case 2:
      return "its rules do not allow the connection";
    case 3:
      return "it cannot reach the network";
    case 4:
      return "it cannot reach the host";
    case 5:
      return "the host refused its connection";
    case 6:
      return "the host is too far away";
    case 7:
      return "it does not know the command";
    case 8:
      return "it does not know this kind of address";
    default:
      return "it gave a reply that does not exist";
  }
}

void append_counted(std::string& out, std::string_view text) {
  out.push_back(static_cast<char>(text.size()));
  out += text;
}

}  // namespace

Socks5::Socks5(std::string host, std::uint16_t port, std::string user, std::string password)
    : host_(std::move(host)), port_(port), user_(std::move(user)), password_(std::move(password)) {
  output_ = kVersion;
  if (user_.empty()) {
    output_ += {1, static_cast<char>(kNoAuthentication)};
  } else {
    output_ += {2, static_cast<char>(kNoAuthentication), static_cast<char>(kUserAndPassword)};
  }
}

std::string Socks5::take_output() { return std::exchange(output_, {}); }

Result<> Socks5::take(std::span<const char> bytes) {
  if (bytes.size() != wants_ || wants_ == 0) return wrong("was read wrongly");
  const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  switch (step_) {
    case Step::kMethod:
      if (bytes[0] != kVersion) return wrong("does not speak SOCKS5");
      return choose_method(at(1));
    case Step::kAuthentication:
      if (bytes[0] != kAuthenticationVersion) return wrong("does not speak RFC 1929");
      if (bytes[1] != 0) return wrong("refused the user name and password of its URL");
      ask_to_connect();
      return {};
    case Step::kReply:
      return read_reply(bytes);
    case Step::kNameLength:
      if (at(0) == 0) return wrong("gave an address without a name");
      expect(Step::kRest, at(0) + kPortBytes);
      return {};
    case Step::kRest:
      expect(Step::kOpen, 0);
      return {};
    case Step::kOpen:
      break;
  }
  return wrong("was read wrongly");
}

Result<> Socks5::choose_method(std::uint8_t method) {
  if (method == kNoneIsGood) {
    return wrong(user_.empty() ? "wants a user name and password: put them into its URL"
                               : "takes neither user name and password nor nothing");
  }
  if (method == kNoAuthentication) {
    ask_to_connect();
    return {};
  }
  if (method != kUserAndPassword || user_.empty()) {
    return wrong("chose a way to authenticate that was not offered");
  }
  output_ = kAuthenticationVersion;
  append_counted(output_, user_);
  append_counted(output_, password_);
  expect(Step::kAuthentication, 2);
  return {};
}

void Socks5::ask_to_connect() {
  output_ = {kVersion, kConnect, 0};
  std::array<char, sizeof(in6_addr)> address;
  if (::inet_pton(AF_INET, host_.c_str(), address.data()) == 1) {
    output_.push_back(static_cast<char>(kAddress4));
    output_.append(address.data(), sizeof(in_addr));
  } else if (::inet_pton(AF_INET6, host_.c_str(), address.data()) == 1) {
    output_.push_back(static_cast<char>(kAddress6));
    output_.append(address.data(), sizeof(in6_addr));
  } else {
    output_.push_back(static_cast<char>(kName));
    append_counted(output_, std::string_view(host_).substr(0, kLongestText));
  }
  output_.push_back(static_cast<char>(port_ >> 8));
  output_.push_back(static_cast<char>(port_ & 0xff));
  expect(Step::kReply, 4);
}

Result<> Socks5::read_reply(std::span<const char> head) {
  if (head[0] != kVersion || head[2] != 0) return wrong("broke the rules of SOCKS5");
  const auto reply = static_cast<std::uint8_t>(head[1]);
  if (reply != 0) {
    return wrong("did not connect to " + host_ + ":" + std::to_string(port_) + ": " +
                 std::string(meaning(reply)));
  }
  switch (static_cast<std::uint8_t>(head[3])) {
    case kAddress4:
      expect(Step::kRest, sizeof(in_addr) + kPortBytes);
      return {};
    case kAddress6:
      expect(Step::kRest, sizeof(in6_addr) + kPortBytes);
      return {};
    case kName:
      expect(Step::kNameLength, 1);
      return {};
    default:
      return wrong("gave a kind of address that does not exist");
  }
}

}  // namespace wasat::net
