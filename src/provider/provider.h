// Provider: a way to reach Gemini.
//
// Turns a call into whatever its upstream wants and the upstream's answer into
// Gemini chunks. Shared by all workers and immutable after start; what one attempt
// needs of its worker, and what the operator may change, comes in by AttemptContext.

#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/task.h"
#include "gemini/call.h"
#include "gemini/errors.h"
#include "http/client.h"
#include "pool/credential.h"

namespace wasat::provider {

// What an attempt gives, or why it failed and who is to blame.
template <class T>
using Attempt = std::expected<T, gemini::Failure>;

// Chunks that came together. Views live until the next call of next().
struct Batch {
  std::span<const gemini::Frame> frames;
  bool idle = false;   // the deadline passed without a chunk; reading goes on
  bool ended = false;  // the answer is complete behind these frames
  // The answer comes in pieces (Call::in_pieces), and so does all that follows: the frame, if
  // there is one, is no chunk, and its `wire` alone counts. The first piece holds more than
  // kMostWhole bytes, so that what makes an answer a failure was seen.
  bool partial = false;
};

// Bytes of an answer that may come in pieces, up to which it is given whole all the same.
inline constexpr std::size_t kMostWhole = 4u << 20;

// Pulled by one exchange. Destroying it before its end cancels the upstream's work.
class ChunkStream {
 public:
  virtual ~ChunkStream() = default;
  virtual Task<Attempt<Batch>> next(net::TimePoint deadline) = 0;
};

struct ApiKeyOptions;  // api_key/options.h

struct AttemptContext {
  http::Client& client;
  const Clock& clock;
  const ApiKeyOptions& api_key;        // as the operator has set them for this exchange
  Cancel& cancel;                      // the client left
  net::TimePoint first_byte;           // the answer's head must be there by then
  http::BodySource* body = nullptr;    // of a raw call: passed on while it comes, once
  std::chrono::seconds body_stall{0};  // its pieces' own deadline; see http::ClientRequest
};

// Whether those who serve are trusted with every token's calls.
enum class Trust : std::uint8_t {
  kFull,      // the upstream, by the operator's own accounts
  kByChoice,  // others, who see what they are asked and could forge answers
};

class Provider {
 public:
  virtual ~Provider() = default;
  Trust trust() const { return trust_; }

  virtual std::string_view name() const = 0;
  virtual bool serves(const gemini::Call& call) const = 0;
  // Whether the body of a raw call can go on to it while it comes. If not, it wants the call
  // to hold all of it.
  virtual bool takes_body_as_it_comes() const { return true; }
  // Whether a credential that has failed like this may be asked the same again, when there
  // is no other.
  virtual bool asks_again(const Error&) const { return true; }
  // What is said when nobody could have served but its credentials, and the pool has none.
  // `last`: what failed before, or null. nullopt: the pool's own words.
  virtual std::optional<Error> none_left(const Error* /*last*/) const { return std::nullopt; }

  // The answer to a call, chunk by chunk; a call that is no stream gives one chunk, or its pieces.
  // `call` and `credential` must outlive the stream; the call's body is not needed
  // any more once there is a first chunk.
  virtual Task<Attempt<std::unique_ptr<ChunkStream>>> open(const gemini::Call& call,
                                                           const pool::Credential& credential,
                                                           const AttemptContext& context) = 0;
  // A raw call's answer as it is, whatever its status.
  virtual Task<Attempt<std::unique_ptr<http::ClientStream>>> open_raw(
      const gemini::Call& call, const pool::Credential& credential,
      const AttemptContext& context) = 0;
  // A WebSocket at a raw call's path: the connection behind an accepted handshake.
  virtual Task<Attempt<http::ClientStream::Upgraded>> open_duplex(
      const gemini::Call& call, const pool::Credential& credential,
      const AttemptContext& context) = 0;

 protected:
  explicit Provider(Trust trust = Trust::kFull) : trust_(trust) {}

 private:
  const Trust trust_;
};

}  // namespace wasat::provider
