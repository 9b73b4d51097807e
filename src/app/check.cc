#include "app/check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "app/settings_table.h"
#include "store/data_folder.h"
#include "store/master_key.h"

namespace wasat::app {
namespace {

namespace fs = std::filesystem;

// The store's errors say themselves what to do.
void add(std::vector<Problem>& problems, std::string where, const Error& error) {
  problems.push_back({.where = std::move(where), .text = error.detail + ".", .remedy = {}});
}

void check_files(const Settings& settings, std::vector<Problem>& problems) {
  std::error_code error;
  if (const auto folder = store::check_data_folder(settings.data_dir); !folder) {
    add(problems, "store.data_dir", folder.error());
  }
  const bool key_is_there = fs::exists(settings.key_file, error);
  if (settings.encryption_key.empty() && key_is_there) {
    if (const auto key = store::read_master_key_file(settings.key_file); !key) {
      add(problems, "store.key_file", key.error());
    }
  }
  const std::string database = store::database_path(settings.data_dir);
  if (settings.encryption_key.empty() && !key_is_there && fs::exists(database, error)) {
    problems.push_back(
        {.where = "store.key_file",
         .text = "the database " + database + " is there, but its key file " + settings.key_file +
                 " is not",
         .remedy = "restore the key file, or set API_KEY_ENCRYPTION_KEY to the value that the "
                   "database was made with"});
  }
  const std::string& log = settings.access_log;
  if (log != "-" && log != "off") {
    const fs::path folder = fs::path(log).parent_path();
    const std::string place = folder.empty() ? "." : folder.string();
    const bool writable =
        fs::exists(log, error) ? access(log.c_str(), W_OK) == 0 : access(place.c_str(), W_OK) == 0;
    if (!writable) {
      problems.push_back({.where = "log.access",
                          .text = "cannot write to " + log,
                          .remedy = "make its folder and give it to the user that runs Wasat, or "
                                    "use \"-\" (standard output) or \"off\""});
    }
  }
}

}  // namespace

CheckReport check(const Sources& sources) {
  Loaded loaded = load_settings(sources);
  if (loaded.ok()) check_files(loaded.settings, loaded.problems);
  CheckReport report{.exit_code = loaded.ok() ? 0 : 1, .text = describe(loaded.problems)};
  if (!loaded.ok()) {
    report.text += "Wasat would not start with this configuration.\n";
    return report;
  }
  std::string decided;
  for (const SettingRow& row : settings_table()) {
    const Origin origin = loaded.origins.find(row.key)->second;
    if (origin != Origin::kDefault)
      decided += fmt::format("  {} ({})\n", row.key, origin_name(origin));
  }
  report.text += "The configuration is valid.\n";
  if (!decided.empty()) report.text += "Set, and from where:\n" + decided;
  const Settings& settings = loaded.settings;
  report.text += fmt::format(
      "Wasat would listen on {}:{} with {} worker{} and keep its data in {}.\n", settings.host,
      settings.port, settings.workers, settings.workers == 1 ? "" : "s", settings.data_dir);
  return report;
}

}  // namespace wasat::app
