// LiveSettings: the settings while the program runs: shown, changed in the store, and read
// again from all their sources, one behind another, on the admin thread.
//
// Owned by the Service, which gives what applies those that are live.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/settings_port.h"
#include "app/settings.h"
#include "app/settings_table.h"
#include "store/store.h"

namespace wasat::app {

class LiveSettings final : public admin::SettingsPort {
 public:
  using Apply = std::function<void(const Settings&)>;

  // `loaded` from `sources`, with which the program has started. `adjust` (may be empty) is
  // done to settings that were read. `store` outlives this.
  LiveSettings(Loaded loaded, Sources sources, std::function<void(Settings&)> adjust,
               store::Store& store, Apply apply);

  std::vector<admin::SettingView> list() override;
  std::expected<admin::SettingsChanged, admin::Refusal> change(
      std::vector<admin::SettingChange> changes) override;

  const std::map<std::string, Secret>& stored() const override { return sources_.stored; }
  std::optional<admin::Refusal> refuse_stored(const std::map<std::string, Secret>& stored) override;
  std::vector<std::string> use_stored(std::map<std::string, Secret> stored) override;

  // In effect now: what is not live is as at the start.
  Settings settings() const;

  // The file may have changed. When something fatal is wrong, nothing changes.
  std::vector<Problem> reload();

 private:
  Loaded load() const;
  // Why `loaded` cannot be what the program goes on with.
  static std::optional<admin::Refusal> refusal(const Loaded& loaded);
  admin::SettingView view(const SettingRow& row) const;
  // The row that may be changed here, or why not.
  std::expected<const SettingRow*, admin::Refusal> editable(const std::string& key) const;

  const Settings started_;  // what needs a restart is as it was then
  Loaded loaded_;
  Sources sources_;
  const std::function<void(Settings&)> adjust_;
  store::Store& store_;
  const Apply apply_;
};

}  // namespace wasat::app
