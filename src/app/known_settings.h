// The table of settings as exports and imports see it. Constant; any thread.

#pragma once

#include "admin/transfer/known_settings.h"

namespace wasat::app {

class TableOfSettings final : public admin::transfer::KnownSettings {
 public:
  std::optional<admin::transfer::KnownSetting> find(std::string_view key) const override;
  std::optional<admin::transfer::KnownSetting> find_by_environment(
      std::string_view name) const override;
  std::string problem(std::string_view key, std::string_view value) const override;
};

}  // namespace wasat::app
