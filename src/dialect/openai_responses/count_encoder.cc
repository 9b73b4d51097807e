#include "dialect/openai_responses/count_encoder.h"

#include "json/reader.h"

namespace wasat::dialect::openai_responses {

Result<> CountEncoder::frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) {
  thread_local json::Document document;
  const auto root = document.parse(frame.json);
  if (root) tokens_ = (*root)["totalTokens"].integer();
  if (!tokens_) {
    return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                               "The upstream did not count the tokens."));
  }
  tally.usage.prompt = *tokens_;
  return {};
}

Result<> CountEncoder::finish(gemini::Tally&, std::string& out) {
  if (!tokens_) {
    return fail(upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                               "The upstream answered with nothing."));
  }
  out += R"({"object":"response.input_tokens","input_tokens":)";
  out += std::to_string(*tokens_);
  out += '}';
  return {};
}

}  // namespace wasat::dialect::openai_responses
