// SettingsPort: the settings as the admin API shows and changes them. The table of settings
// stands above this room, so composition gives an implementation.
//
// Used on the admin thread alone.

#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "base/secret.h"

namespace wasat::admin {

struct SettingView {
  std::string key;
  std::string type;         // "text", "choice", "integer", "bytes", "switch", "duration", ...
  std::string value;        // as it would be written; secrets masked or left out
  bool set = false;         // it has a value that is not empty
  std::string fallback;     // the default
  std::string origin;       // "default", "file", "store", "environment", "flag"
  std::string environment;  // names of variables, separated by spaces
  bool secret = false;
  bool fixed = false;          // by a flag or the environment
  bool editable = false;       // here
  bool stored = false;         // a value is in the store, though another may outrank it
  bool live = false;           // a change takes effect at once
  bool adds = false;           // the values of all origins together
  bool needs_restart = false;  // it was changed and waits for one
  std::string english;
  std::string chinese;
  std::optional<std::int64_t> low;
  std::optional<std::int64_t> high;
  std::vector<std::string> choices;
};

struct SettingChange {
  std::string key;
  std::optional<Secret> value;  // nullopt: what the store has is forgotten
};

struct SettingsChanged {
  std::vector<std::string> needs_restart;  // keys that take effect at the next start
  std::vector<std::string> warnings;       // odd, but taken
};

class SettingsPort {
 public:
  virtual ~SettingsPort() = default;
  virtual std::vector<SettingView> list() = 0;
  // All or none: validated, stored, applied.
  virtual std::expected<SettingsChanged, Refusal> change(std::vector<SettingChange> changes) = 0;

  // For imports, which write many things at once. What the store has:
  virtual const std::map<std::string, Secret>& stored() const = 0;
  // Why these could not be what the store has; nothing if they could.
  virtual std::optional<Refusal> refuse_stored(const std::map<std::string, Secret>& stored) = 0;
  // They are: applied. Returns the keys that take effect at the next start.
  virtual std::vector<std::string> use_stored(std::map<std::string, Secret> stored) = 0;
};

}  // namespace wasat::admin
