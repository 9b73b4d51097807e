// One request and its answer on an HTTP/1.1 connection to an upstream.

#pragma once

#include <string>

#include "http/chunked.h"
#include "http/client.h"
#include "http/connection_pool.h"
#include "http/h1_parser.h"

namespace wasat::http {

class H1ClientStream final : public ClientStream {
 public:
  H1ClientStream(net::Loop& loop, std::shared_ptr<Client::Pool> pool, Client::Pool::Shelf* shelf,
                 Connection connection, std::size_t max_head, Cancel* cancel);
  ~H1ClientStream() override;

  // Writes the request and reads until the answer's head is complete.
  WASAT_OWN_FRAME Task<Result<>> exchange_heads(std::string_view host, const ClientRequest& request,
                                                net::TimePoint deadline);
  // Whether the connection closed before any byte of the answer came.
  bool unanswered() const { return !answered_; }

  int status() const override { return parser_.head().status; }
  std::span<const Header> headers() const override { return parser_.head().headers; }
  std::optional<std::uint64_t> content_length() const override {
    return parser_.head().content_length;
  }
  Task<Result<Piece>> read(net::TimePoint deadline) override;
  Upgraded take_upgraded() override { return {std::move(connection_.stream), std::move(input_)}; }

 private:
  enum class Framing : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

  WASAT_OWN_FRAME Task<Result<>> send(std::string_view host, const ClientRequest& request,
                                      net::TimePoint deadline);
  // Writes all of it; true when an answer came before the end, which is final.
  WASAT_OWN_FRAME Task<Result<bool>> write_pieces(std::span<iovec> left, net::TimePoint deadline);
  WASAT_OWN_FRAME Task<Result<bool>> write_source(BodySource& source, std::chrono::seconds stall,
                                                  net::TimePoint deadline);
  Result<bool> take_head(const ClientRequest& request);
  // Tries to read once; true when there are new bytes.
  Result<bool> try_fill();
  Result<Piece> arrived();
  Error broken(const net::IoResult& result) const;
  void release_when_done();

  net::Loop& loop_;
  std::shared_ptr<Client::Pool> pool_;
  Client::Pool::Shelf* const shelf_;  // where the connection goes behind the answer; null: nowhere
  Connection connection_;
  std::size_t max_head_;
  Cancel* cancel_;

  H1Parser parser_{H1Parser::Role::kResponse};
  ChunkedDecoder chunks_;
  std::string head_text_;
  net::Block input_;
  Framing framing_ = Framing::kNone;
  std::uint64_t remaining_ = 0;
  std::size_t given_ = 0;  // bytes at the front of input_ that the last Piece showed
  bool answered_ = false;
  bool all_sent_ = false;
  bool ended_ = false;
  bool upgraded_ = false;  // it is no HTTP any more
  bool connection_closed_cleanly_ = false;
};

}  // namespace wasat::http
