#include "dialect/anthropic/token_count.h"

#include "json/reader.h"

namespace wasat::dialect::anthropic {

Result<> TokenCountEncoder::frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) {
  json::Document document;
  if (const auto root = document.parse(frame.json)) total_ = (*root)["totalTokens"].integer();
  tally.content = tally.finished = total_.has_value();
  return {};
}

Result<> TokenCountEncoder::finish(gemini::Tally&, std::string& out) {
  if (!total_) {
    return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                               "The upstream did not count the tokens. Trying again may help."));
  }
  out += R"({"input_tokens":)" + std::to_string(*total_) + "}";
  return {};
}

}  // namespace wasat::dialect::anthropic
