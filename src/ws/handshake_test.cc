#include "ws/handshake.h"

#include <gtest/gtest.h>

namespace wasat::ws {
namespace {

using http::Header;

// RFC 6455 section 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

class FakeRequest final : public http::ServerRequest {
 public:
  explicit FakeRequest(std::vector<Header> fields) : fields_(std::move(fields)) {
    method = "GET";
    headers = fields_;
  }
  Task<Result<std::shared_ptr<const Buffer>>> read_body(http::BodyLimits) override { std::abort(); }
  Task<Result<std::size_t>> read_some(std::span<char>) override { std::abort(); }
  std::optional<std::uint64_t> content_length() const override { return std::nullopt; }
  Cancel& departed() override { return departed_; }

 private:
  std::vector<Header> fields_;
  Cancel departed_;
};

std::vector<Header> good() {
  return {{"Host", "x"},
          {"Connection", "keep-alive, Upgrade"},
          {"Upgrade", "WebSocket"},
          {"Sec-WebSocket-Version", "13"},
          {"Sec-WebSocket-Key", kKey}};
}

TEST(Handshake, AcceptAsInTheRfc) {
  EXPECT_EQ(accept_for(kKey), kAccept);
  EXPECT_EQ(make_key().size(), 24u);
  EXPECT_NE(make_key(), make_key());
}

TEST(Handshake, AGoodRequest) {
  std::vector<Header> fields = good();
  fields.push_back({"Sec-WebSocket-Protocol", "chat, superchat"});
  fields.push_back({"Sec-WebSocket-Extensions", "permessage-deflate"});
  const FakeRequest request(fields);
  const Result<Accepted> accepted = check_request(request);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->accept, kAccept);
  EXPECT_EQ(accepted->protocols, (std::vector<std::string_view>{"chat", "superchat"}));
}

TEST(Handshake, BadRequests) {
  const auto kind_with = [](std::size_t at, Header header) {
    std::vector<Header> fields = good();
    fields[at] = header;
    const FakeRequest request(fields);
    const Result<Accepted> accepted = check_request(request);
    return accepted ? ErrorKind::kInternal : accepted.error().kind;
  };
  EXPECT_EQ(kind_with(1, {"Connection", "close"}), ErrorKind::kUnsupported);
  EXPECT_EQ(kind_with(2, {"Upgrade", "h2c"}), ErrorKind::kUnsupported);
  EXPECT_EQ(kind_with(3, {"Sec-WebSocket-Version", "8"}), ErrorKind::kUnsupported);
  EXPECT_EQ(kind_with(4, {"Sec-WebSocket-Key", ""}), ErrorKind::kInvalidRequest);
  EXPECT_EQ(kind_with(4, {"Sec-WebSocket-Key", "c2hvcnQ="}), ErrorKind::kInvalidRequest);
  EXPECT_EQ(kind_with(4, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j!Q=="}),
            ErrorKind::kInvalidRequest);
  EXPECT_EQ(kind_with(0, {"Sec-WebSocket-Key", kKey}), ErrorKind::kInvalidRequest);
  FakeRequest post(good());
  post.method = "POST";
  EXPECT_EQ(check_request(post).error().kind, ErrorKind::kMethodNotAllowed);
}

TEST(Handshake, Responses) {
  std::vector<Header> fields = {
      {"upgrade", "websocket"}, {"connection", "upgrade"}, {"sec-websocket-accept", kAccept}};
  EXPECT_TRUE(check_response(fields, kKey).has_value());
  EXPECT_FALSE(check_response(fields, "AAAAAAAAAAAAAAAAAAAAAA==").has_value());
  fields.push_back({"Sec-WebSocket-Extensions", "permessage-deflate"});
  EXPECT_FALSE(check_response(fields, kKey).has_value());
  fields = {{"upgrade", "h2c"}, {"connection", "upgrade"}, {"sec-websocket-accept", kAccept}};
  EXPECT_FALSE(check_response(fields, kKey).has_value());
}

}  // namespace
}  // namespace wasat::ws
