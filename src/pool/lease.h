// Lease: the right to use a credential for one attempt, and the duty to say how it went.

#pragma once

#include <optional>
#include <utility>

#include "gemini/errors.h"
#include "pool/credential.h"

namespace wasat::pool {

class Pool;

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

// Settled exactly once: explicitly, or as abandoned by the destructor.
class Lease {
 public:
  Lease(Pool& pool, CredentialPtr credential, std::string model);
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  const Credential& credential() const { return *credential_; }
  // The exchange has used this credential before.
  bool repeated = false;

  void settle(const Outcome& outcome);

 private:
  Pool* pool_;
  CredentialPtr credential_;
  std::string model_;
};

}  // namespace wasat::pool
