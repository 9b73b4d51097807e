// The Gemini API with API keys (generativelanguage.googleapis.com, or whatever
// speaks like it).

#pragma once

#include <string>

#include "provider/provider.h"

namespace wasat::provider {

inline constexpr std::string_view kApiKey = "api_key";

struct ApiKeyOptions {
  http::Upstream upstream;
  std::string path_prefix;              // before "/v1beta", without a trailing slash; mostly empty
  std::size_t max_answer = 256u << 20;  // bytes of an answer that is no stream, or of one event
  std::chrono::seconds body_idle{240};  // between two pieces of an answer that is no stream
};

class ApiKeyProvider final : public Provider {
 public:
  explicit ApiKeyProvider(ApiKeyOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return kApiKey; }
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
  std::string target(const gemini::Call& call) const;
  Task<Attempt<std::unique_ptr<http::ClientStream>>> send(const gemini::Call& call,
                                                          const pool::Credential& credential,
                                                          const AttemptContext& context) const;
  const ApiKeyOptions options_;
};

// Splits GEMINI_BASE_URL: a trailing "/v1beta" or "/v1" is what many write there
// and is dropped.
Result<ApiKeyOptions> api_key_options(std::string_view base_url);

}  // namespace wasat::provider
