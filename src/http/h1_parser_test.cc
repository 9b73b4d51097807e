#include "http/h1_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace wasat::http {
namespace {

std::optional<std::string> wrong_with(std::string text,
                                      H1Parser::Role role = H1Parser::Role::kRequest) {
  const HeadScan scan = scan_head(text);
  if (scan.wrong != nullptr) return scan.wrong;
  if (scan.length == 0) return "incomplete";
  H1Parser parser(role);
  const auto wrong = parser.parse_head(std::string_view(text).substr(0, scan.length));
  if (wrong) return std::string(*wrong);
  return std::nullopt;
}

TEST(H1Parser, ReadsARequestHead) {
  const std::string text =
      "POST /v1beta/models/m:generateContent?alt=sse HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 12\r\nX-Empty:\r\n\r\n{";
  const HeadScan scan = scan_head(text);
  ASSERT_EQ(scan.length, text.size() - 1);
  H1Parser parser(H1Parser::Role::kRequest);
  ASSERT_FALSE(parser.parse_head(std::string_view(text).substr(0, scan.length)));
  const Head& head = parser.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1beta/models/m:generateContent?alt=sse");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(find_header(head.headers, "x-EMPTY"), "");
  EXPECT_EQ(head.headers.size(), 3u);
}

TEST(H1Parser, ReadsAResponseHead) {
  const std::string text = "HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n";
  H1Parser parser(H1Parser::Role::kResponse);
  ASSERT_FALSE(parser.parse_head(text));
  EXPECT_EQ(parser.head().status, 429);
  EXPECT_TRUE(parser.head().chunked);
}

TEST(H1Parser, RefusesWhatCouldBeReadInTwoWays) {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& text : {
           start + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
           start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
           start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           start + "Content-Length: +1\r\n\r\n",
           start + "Content-Length: 1, 1\r\n\r\n",
           start + "Content-Length: 9999999999999999999\r\n\r\n",
           start + "Content-Length:\r\n\r\n",
           start + "Content-Length : 1\r\n\r\n",
           start + "Transfer-Encoding: identity\r\n\r\n",
           start + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           start + "Transfer-Encoding: xchunked\r\n\r\n",
           start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
           start + "Transfer-Encoding:\x0b"
                   "chunked\r\n\r\n",
           start + "X: a\r\n b\r\n\r\n",
           start + "X: a\n\r\n",
           start + "X: a\rb\r\n\r\n",
           start + "Host: b\r\n\r\n",
           start + "X\r\n\r\n",
           start + "X A: b\r\n\r\n",
           start + "X\x80: b\r\n\r\n",
           start + ": x\r\n\r\n",
           std::string("POST / HTTP/1.1\r\n\r\n"),
           std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
           std::string("POST  / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("POST / HTTP/2.0\r\nHost: a\r\n\r\n"),
           std::string("POST / HTTP/1.1 x\r\nHost: a\r\n\r\n"),
           std::string("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /a/%2E%2e/b HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /a/. HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
           std::string("\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
       }) {
    EXPECT_TRUE(wrong_with(text)) << text;
    EXPECT_NE(wrong_with(text), "incomplete") << text;
  }
}

TEST(H1Parser, AcceptsWhatIsMerelyUnusual) {
  for (const std::string& text : {
           std::string("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.0\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  395  \r\n\r\n"),
           std::string("GET http://a:80/b HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /a...b/.well-known?x=/../ HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: Chunked\r\n\r\n"),
       }) {
    EXPECT_EQ(wrong_with(text), std::nullopt) << text;
  }
}

TEST(ScanHead, FindsTheSameEndHoweverTheBytesArrive) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
  for (std::size_t n = 0; n < text.size(); ++n) {
    const HeadScan scan = scan_head(std::string_view(text).substr(0, n));
    EXPECT_EQ(scan.wrong, nullptr);
    EXPECT_EQ(scan.length, n < text.size() - 4 ? 0 : text.size() - 4) << n;
  }
}

}  // namespace
}  // namespace wasat::http
