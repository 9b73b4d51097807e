// KnownSettings: what transfers need of the table of settings, which lives in a room
// above. Implemented by composition; constant, any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasat::admin::transfer {

struct KnownSetting {
  std::string key;        // as in the table
  bool secret = false;    // to be sealed
  bool of_place = false;  // of the machine and its files: nothing to take elsewhere
};

class KnownSettings {
 public:
  virtual ~KnownSettings() = default;
  virtual std::optional<KnownSetting> find(std::string_view key) const = 0;
  // By the name of an environment variable.
  virtual std::optional<KnownSetting> find_by_environment(std::string_view name) const = 0;
  // What is wrong with `value` for the setting `key`, and what to do; empty: nothing.
  // Never a secret.
  virtual std::string problem(std::string_view key, std::string_view value) const = 0;
};

}  // namespace wasat::admin::transfer
