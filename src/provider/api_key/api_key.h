// The Gemini API with API keys (generativelanguage.googleapis.com, or whatever
// speaks like it).

#pragma once

#include <atomic>
#include <string>

#include "provider/egress.h"
#include "provider/provider.h"

namespace wasat::provider {

inline constexpr std::string_view kApiKey = "api_key";

struct ApiKeyOptions {
  http::Upstream upstream;
  std::vector<net::Proxy> proxies;      // each credential has one of them; see Egress
  std::string path_prefix;              // before "/v1beta", without a trailing slash; mostly empty
  std::size_t max_answer = 256u << 20;  // bytes of an answer that is no stream, or of one event
  std::chrono::seconds body_idle{240};  // between two pieces of an answer that is no stream
};

class ApiKeyProvider final : public Provider {
 public:
  // `clock` outlives the provider.
  ApiKeyProvider(ApiKeyOptions options, const Clock& clock)
      : options_(std::move(options)),
        egress_(options_.upstream, options_.proxies, clock),
        body_idle_(options_.body_idle) {}

  std::string_view name() const override { return kApiKey; }
  const Egress& egress() const { return egress_; }
  // Any thread; holds for answers that begin from now on.
  void set_body_idle(std::chrono::seconds time) {
    body_idle_.store(time, std::memory_order_relaxed);
  }
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
  // Not const: it learns of proxies while it serves; it guards itself.
  mutable Egress egress_;
  std::atomic<std::chrono::seconds> body_idle_;
};

// Splits GEMINI_BASE_URL: a trailing "/v1beta" or "/v1" is what many write there
// and is dropped.
Result<ApiKeyOptions> api_key_options(std::string_view base_url);

}  // namespace wasat::provider
