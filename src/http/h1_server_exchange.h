// The two sides of one request on an HTTP/1.1 server connection.

#pragma once

#include "http/h1_server_connection.h"

namespace wasat::http {

class H1ServerConnection::Request final : public ServerRequest {
 public:
  explicit Request(H1ServerConnection& connection)
      : connection_(connection), parser_(H1Parser::Role::kRequest) {}
  ~Request() override;

  // Takes over the text of a head; on error says what is wrong with it.
  std::optional<std::string_view> begin(std::string_view head);

  Task<Result<std::shared_ptr<const Buffer>>> read_body(BodyLimits limits) override;
  Task<Result<std::size_t>> read_some(std::span<char> room) override;
  std::optional<std::uint64_t> content_length() const override {
    return parser_.head().content_length;
  }
  Cancel& departed() override { return departed_; }

  const Head& head() const { return parser_.head(); }
  bool body_ended() const { return body_ended_; }
  void expect_response(Response& response) { response_ = &response; }
  // From now on the client's leaving is noticed.
  void watch_client();

 private:
  WASAT_OWN_FRAME Task<Result<std::shared_ptr<Buffer>>> read_wire_body(BodyLimits limits);
  WASAT_OWN_FRAME Task<Result<>> continue_if_expected();
  Result<> take(std::size_t bytes, std::size_t limit);
  static void on_readable(void* self);

  H1ServerConnection& connection_;
  Response* response_ = nullptr;
  std::string head_text_;
  H1Parser parser_;
  ChunkedDecoder chunks_;
  std::uint64_t remaining_ = 0;    // of a body with Content-Length
  std::size_t decoded_ready_ = 0;  // bytes at the front of input_ that are decoded body
  std::size_t budget_taken_ = 0;
  bool expects_continue_ = false;
  bool body_ended_ = true;
  Cancel departed_;
};

class H1ServerConnection::Response final : public ServerResponse {
 public:
  Response(H1ServerConnection& connection, const Request& request)
      : connection_(connection), request_(request) {}

  Task<Result<>> send(int status, std::span<const Header> headers, std::string_view body) override;
  void start(int status, std::span<const Header> headers,
             std::optional<std::uint64_t> content_length) override;
  Task<Result<>> write(std::string_view bytes) override;
  Task<Result<>> finish(std::string_view last) override;
  Task<Result<Upgraded>> upgrade(std::string_view protocol,
                                 std::span<const Header> headers) override;
  void abort() override;
  void close_after() override { close_ = true; }
  bool started() const override { return started_; }
  std::uint64_t bytes_sent() const override { return bytes_sent_; }

  bool finished() const { return finished_; }
  bool upgraded() const { return upgraded_; }
  bool aborted() const { return aborted_; }
  bool closes() const { return close_; }

 private:
  enum class Framing : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

  void build_head(int status, std::span<const Header> headers);
  Task<Result<>> put(std::string_view body, bool last);

  H1ServerConnection& connection_;
  const Request& request_;
  std::string head_;  // not sent yet
  Framing framing_ = Framing::kNone;
  bool started_ = false;
  bool finished_ = false;
  bool upgraded_ = false;
  bool aborted_ = false;
  bool close_ = false;
  std::uint64_t announced_ = 0;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace wasat::http
