// The Gemini API with API keys (generativelanguage.googleapis.com, or whatever
// speaks like it).

#pragma once

#include <string>

#include "provider/api_key/options.h"
#include "provider/provider.h"

namespace wasat::provider {

inline constexpr std::string_view kApiKey = "api_key";

class ApiKeyProvider final : public Provider {
 public:
  // `clock` outlives the provider.
  explicit ApiKeyProvider(const Clock& clock) : faults_(clock) {}

  std::string_view name() const override { return kApiKey; }
  // The operator changed the proxies. Any thread.
  void forget_faults() { faults_.forget(); }
  bool serves(const gemini::Call&) const override { return true; }
  Task<Attempt<std::unique_ptr<ChunkStream>>> open(const gemini::Call& call,
                                                   const pool::Credential& credential,
                                                   const AttemptContext& context) override;
  Task<Attempt<std::unique_ptr<http::ClientStream>>> open_raw(
      const gemini::Call& call, const pool::Credential& credential,
      const AttemptContext& context) override;
  Task<Attempt<http::ClientStream::Upgraded>> open_duplex(const gemini::Call& call,
                                                          const pool::Credential& credential,
                                                          const AttemptContext& context) override;

 private:
  Task<Attempt<std::unique_ptr<http::ClientStream>>> send(const gemini::Call& call,
                                                          const pool::Credential& credential,
                                                          const AttemptContext& context);

  ProxyFaults faults_;
};

}  // namespace wasat::provider
