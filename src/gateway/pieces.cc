// A large answer that is no stream, on its way to a client who gets it as it is: piece by
// piece, so that neither it is held nor what the client does not take is read.

#include "gateway/exchange.h"
#include "gemini/chunk_reader.h"

namespace wasat::gateway {

using provider::Attempt;
using provider::Batch;

namespace {

// What is checked, or written, between two turns of the worker's others.
constexpr std::size_t kAtOnce = std::size_t{256} * 1024;

}  // namespace

// What came first is checked before anything goes out: so far another may still answer. Once
// something did, an answer that breaks is cut off, so that it does not look complete.
Task<Result<>> Exchange::pass_pieces(Answering& answering, gemini::Call& call) {
  gemini::ChunkReader reader;
  Batch batch = answering.first;
  for (;;) {
    if (!batch.frames.empty()) {
      const std::string_view piece = batch.frames.front().wire;
      if (Result<> checked = co_await check_piece(reader, piece); !checked) co_return checked;
      if (!said_) {
        note_first_byte();
        record_.status = 200;
        response_.start(200, headers(encoder_->content_type(), false));
        let_go_of_request(call);
        said_ = true;
      }
      if (Result<> written = co_await write_piece(piece); !written) co_return written;
    }
    if (batch.ended) co_return reader.finish(record_.tally);
    const Attempt<Batch> next =
        co_await answering.stream->next(shared_.clock.now() + options_->stream_idle_timeout);
    if (!next || next->idle) co_return fail(broken_off(answering.lease, next));
    batch = *next;
  }
}

Task<Result<>> Exchange::check_piece(gemini::ChunkReader& reader, std::string_view piece) {
  while (!piece.empty()) {
    if (Result<> read = reader.push(piece.substr(0, kAtOnce)); !read) co_return read;
    piece.remove_prefix(std::min(kAtOnce, piece.size()));
    co_await net::yield(worker_.loop);
  }
  co_return Result<>{};
}

Task<Result<>> Exchange::write_piece(std::string_view piece) {
  while (!piece.empty()) {
    const std::string_view now = piece.substr(0, kAtOnce);
    keep_answer(now);
    if (Result<> written = co_await response_.write(now); !written) {
      lost_ = true;
      co_return written;
    }
    piece.remove_prefix(now.size());
    co_await net::yield(worker_.loop);
  }
  co_return Result<>{};
}

}  // namespace wasat::gateway
