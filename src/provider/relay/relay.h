// The Gemini API by relay nodes: whoever holds a WebSocket to us and calls Gemini from where
// it is.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "provider/provider.h"
#include "relay/hub.h"

namespace wasat::provider {

inline constexpr std::string_view kRelay = relay::kProvider;

class RelayProvider final : public Provider {
 public:
  // `hub` outlives the provider.
  explicit RelayProvider(const relay::Hub& hub);

  std::string_view name() const override { return kRelay; }
  bool serves(const gemini::Call& call) const override;
  // It becomes part of a message, for which it must be known to be JSON.
  bool takes_body_as_it_comes() const override { return false; }
  // What a node says in words of its own it would say again.
  bool asks_again(const Error& error) const override { return error.status != 0; }
  std::optional<Error> none_left(const Error* last) const override;

  Task<Attempt<std::unique_ptr<ChunkStream>>> open(const gemini::Call& call,
                                                   const pool::Credential& credential,
                                                   const AttemptContext& context) override;
  Task<Attempt<std::unique_ptr<http::ClientStream>>> open_raw(
      const gemini::Call& call, const pool::Credential& credential,
      const AttemptContext& context) override;
  // Not served.
  Task<Attempt<http::ClientStream::Upgraded>> open_duplex(const gemini::Call& call,
                                                          const pool::Credential& credential,
                                                          const AttemptContext& context) override;

 private:
  relay::Question question_of(const gemini::Call& call);
  std::string new_id();

  const relay::Hub& hub_;
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> asked_{0};
};

}  // namespace wasat::provider
