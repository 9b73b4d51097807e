// Settings that the tests of this folder know.

#pragma once

#include "admin/transfer/known_settings.h"

namespace wasat::admin::transfer {

class TestSettings final : public KnownSettings {
 public:
  std::optional<KnownSetting> find(std::string_view key) const override {
    if (key == "pool.max_failures") return KnownSetting{.key = "pool.max_failures"};
    if (key == "upstream.request_timeout") return KnownSetting{.key = "upstream.request_timeout"};
    if (key == "upstream.proxy_url") {
      return KnownSetting{.key = "upstream.proxy_url", .secret = true};
    }
    if (key == "models.thinking_budgets") return KnownSetting{.key = "models.thinking_budgets"};
    if (key == "listen.port") return KnownSetting{.key = "listen.port", .of_place = true};
    return std::nullopt;
  }
  std::optional<KnownSetting> find_by_environment(std::string_view name) const override {
    if (name == "MAX_FAILURES") return find("pool.max_failures");
    if (name == "REQUEST_TIMEOUT") return find("upstream.request_timeout");
    if (name == "PROXY_URL") return find("upstream.proxy_url");
    if (name == "THINKING_BUDGET_MAP") return find("models.thinking_budgets");
    if (name == "PORT") return find("listen.port");
    return std::nullopt;
  }
  std::string problem(std::string_view key, std::string_view value) const override {
    if (key == "pool.max_failures" &&
        value.find_first_not_of("0123456789") != std::string_view::npos) {
      return "is not a whole number. Use one from 0 to 1000";
    }
    return {};
  }
};

}  // namespace wasat::admin::transfer
