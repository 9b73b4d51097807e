// Lease: the right to use a credential for one attempt, and the duty to say how it went.
//
// Taken from a worker's Seat and settled on that worker.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gemini/errors.h"
#include "pool/credential.h"

namespace wasat::pool {

class Seat;
struct SeatModel;

// How an attempt ended.
struct Outcome {
  enum class Kind : std::uint8_t {
    kSuccess,
    kFailure,    // `failure` says whose it was
    kAbandoned,  // the client left, or the attempt was given up: blames nobody
  };
  Kind kind = Kind::kAbandoned;
  const gemini::Failure* failure = nullptr;  // for kFailure

  static Outcome success() { return {.kind = Kind::kSuccess}; }
  static Outcome failed(const gemini::Failure& failure) {
    return {.kind = Kind::kFailure, .failure = &failure};
  }
  static Outcome abandoned() { return {}; }
};

// Settled exactly once: explicitly, or as abandoned by the destructor. The credential
// stays for at least a minute after that, whoever removes it from the pool.
class Lease {
 public:
  Lease(Lease&& other) noexcept
      : repeated(other.repeated),
        seat_(other.seat_),
        credential_(other.credential_),
        settled_(std::exchange(other.settled_, true)),
        probes_(other.probes_),
        began_(other.began_),
        first_chunk_(other.first_chunk_),
        known_(other.known_),
        model_(std::move(other.model_)) {}
  // A seat's own business.
  Lease(Seat& seat, Credential& credential, bool probes, Ticks began)
      : seat_(&seat), credential_(&credential), probes_(probes), began_(began) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (!settled_) settle(Outcome::abandoned());
  }

  const Credential& credential() const { return *credential_; }
  // The exchange has used this credential before.
  bool repeated = false;

  // The first chunk is there: how long it took is part of how well it went.
  void note_first_chunk(Clock::Steady now) { first_chunk_ = ticks_of(now) - began_; }
  void settle(const Outcome& outcome);

 private:
  friend class Seat;

  Seat* seat_;
  Credential* credential_;
  bool settled_ = false;
  bool probes_ = false;  // of the model, which may still rest
  Ticks began_;
  Ticks first_chunk_ = -1;
  SeatModel* known_ = nullptr;  // the model; null: by its name
  std::unique_ptr<const std::string> model_;
};

}  // namespace wasat::pool
