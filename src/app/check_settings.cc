#include "app/check_settings.h"

#include <algorithm>

#include "account/limits.h"
#include "account/prices.h"
#include "base/body.h"
#include "json/reader.h"

namespace wasat::app {
namespace {

Result<> check_safety_settings(const std::string& text) {
  if (text == "off" || text == "gemini") return {};
  const auto bytes = Buffer::copy_of(text);
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded());
  if (root && root->is_array()) return {};
  return fail(internal_error(
      "models.safety_settings (SAFETY_SETTINGS) is neither off, gemini nor a JSON array. Write "
      "[{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"threshold\":\"OFF\"}], for example"));
}

}  // namespace

Result<> check_settings(const Settings& settings) {
  if (Result<> good = check_safety_settings(settings.safety); !good) return good;
  if (auto limits = account::Limits::parse(settings.tokens_limits); !limits) {
    return fail(internal_error("access.tokens_limits (TOKENS_LIMITS): " + limits.error().detail));
  }
  if (auto prices = account::read_prices(settings.prices); !prices) {
    return fail(internal_error("models.prices (MODEL_PRICES): " + prices.error().detail));
  }
  for (const Secret& node : settings.relay_tokens) {
    if (std::ranges::any_of(settings.tokens,
                            [&](const Secret& each) { return each.equals(node.reveal()); })) {
      return fail(
          internal_error("relay.tokens (RELAY_TOKENS) and access.tokens (ALLOWED_TOKENS) "
                         "have a token in common; a relay node's must open nothing else"));
    }
  }
  return {};
}

}  // namespace wasat::app
