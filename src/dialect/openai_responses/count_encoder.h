// {"totalTokens": n} as OpenAI's count of input tokens.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_responses {

class CountEncoder : public Encoder {
 public:
  std::string_view content_type() const override { return "application/json"; }
  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) override;
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  std::optional<std::int64_t> tokens_;
};

}  // namespace wasat::dialect::openai_responses
