// The answer of /messages/count_tokens: {"input_tokens": N}.

#pragma once

#include <cstdint>
#include <optional>

#include "dialect/dialect.h"

namespace wasat::dialect::anthropic {

class TokenCountEncoder : public Encoder {
 public:
  std::string_view content_type() const override { return "application/json"; }
  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) override;
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  std::optional<std::int64_t> total_;
};

}  // namespace wasat::dialect::anthropic
