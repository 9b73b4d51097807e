#include "app/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "app/parse_setting.h"
#include "app/passphrase_prompt.h"
#include "app/settings_table.h"
#include "app/text.h"
#include "app/toml_file.h"

namespace wasat::app {
namespace {

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {}

  Loaded run() {
    if (!sources_.file.empty()) read_file();
    look_at_environment();
    look_at_names(sources_.flags, "--");
    for (const SettingRow& row : settings_table()) load(row);
    resolve();
    return std::move(loaded_);
  }

 private:
  struct Candidate {
    Origin origin;
    std::string_view text;
    std::string where;
  };

  void read_file() {
    std::vector<Problem>& problems = loaded_.problems;
    file_ = read_toml(
        sources_.file,
        [](std::string_view key) {
          const SettingRow* row = find_setting(key);
          return row != nullptr && row->syntax == Syntax::kNames;
        },
        problems);
    bool holds_secrets = false;
    for (const TomlValue& value : file_) {
      const SettingRow* row = find_setting(value.key);
      if (row == nullptr) unknown(value.key, value.where, true);
      holds_secrets = holds_secrets || (row != nullptr && row->secret() && !value.text.empty());
    }
    struct stat info{};
    if (holds_secrets && stat(sources_.file.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
      problems.push_back({.fatal = false,
                          .where = sources_.file,
                          .text = "holds secrets and can be read by others",
                          .remedy = "close it: chmod 600 " + sources_.file});
    }
  }

  void unknown(std::string_view key, std::string where, bool fatal) {
    std::string remedy = "remove it; docs/configuration.md lists all settings";
    std::string upper(key.substr(key.rfind('.') + 1));
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (const SettingRow* row = find_setting_by_environment(upper)) {
      remedy = fmt::format("did you mean {}?", row->key);
    } else {
      std::vector<std::string_view> keys;
      for (const SettingRow& known : settings_table()) keys.push_back(known.key);
      if (const auto meant = nearest(key, keys)) remedy = fmt::format("did you mean {}?", *meant);
      // The right name in the wrong table.
      for (const std::string_view known : keys) {
        if (key.substr(key.rfind('.') + 1) == known.substr(known.rfind('.') + 1)) {
          remedy = fmt::format("did you mean {}?", known);
          break;
        }
      }
    }
    loaded_.problems.push_back({.fatal = fatal,
                                .where = std::move(where),
                                .text = fmt::format("unknown setting {}", key),
                                .remedy = std::move(remedy)});
  }

  template <class Map>
  void look_at_names(const Map& values, std::string_view prefix) {
    for (const auto& [key, value] : values) {
      if (find_setting(key) == nullptr) unknown(key, std::string(prefix) + key, true);
    }
  }

  // Names that are surely meant for us and that we do not know.
  void look_at_environment() {
    std::vector<std::string_view> names;
    for (const SettingRow& row : settings_table()) {
      const auto some = split_list(row.environment);
      names.insert(names.end(), some.begin(), some.end());
    }
    for (const auto& [name, value] : sources_.environment) {
      if (!name.starts_with("WASAT_") || name == "WASAT_CONFIG") continue;
      if (name == kPassphraseVariable) continue;  // of exports and imports
      // A Kubernetes service called "wasat" sets these.
      if (name.starts_with("WASAT_SERVICE_") || name.starts_with("WASAT_PORT")) continue;
      if (std::ranges::find(names, name) != names.end()) continue;
      const auto meant = nearest(name, names);
      loaded_.problems.push_back(
          {.fatal = false,
           .where = "environment variable " + name,
           .text = "is unknown and does nothing",
           .remedy = meant ? fmt::format("did you mean {}?", *meant)
                           : "unset it; docs/configuration.md lists all settings"});
    }
  }

  // From the strongest to the weakest, without the default.
  std::vector<Candidate> candidates(const SettingRow& row) {
    std::vector<Candidate> found;
    const std::string key(row.key);
    if (const auto flag = sources_.flags.find(key); flag != sources_.flags.end()) {
      found.push_back({Origin::kFlag, flag->second, "--" + key});
    }
    bool first = true;
    for (const std::string_view name : split_list(row.environment)) {
      const auto variable = sources_.environment.find(std::string(name));
      // An empty variable is how a container's file says "not set".
      if (variable == sources_.environment.end() || trim(variable->second).empty()) continue;
      if (first || row.adds) {
        std::string_view text = variable->second;
        // The one name whose plain numbers are no seconds.
        if (name == "CHECK_INTERVAL_HOURS" && parse_integer(trim(text))) {
          text = hours_ = std::string(trim(text)) + "h";
        }
        found.push_back({Origin::kEnvironment, text, "environment variable " + variable->first});
      }
      first = false;
    }
    if (const auto stored = sources_.stored.find(key); stored != sources_.stored.end()) {
      found.push_back({Origin::kStore, stored->second.reveal(), "the stored value of " + key});
    }
    for (const TomlValue& value : file_) {
      if (value.key == row.key) found.push_back({Origin::kFile, value.text, value.where});
    }
    return found;
  }

  void load(const SettingRow& row) {
    parse_setting(row, row.fallback, loaded_.settings);
    Origin origin = Origin::kDefault;
    std::string decided(row.fallback);
    for (const Candidate& candidate : candidates(row)) {
      bool good = true;
      for (Finding& finding : parse_setting(row, candidate.text, loaded_.settings)) {
        // What the console stored was valid then; it must not keep us from starting.
        const bool fatal = finding.fatal && candidate.origin != Origin::kStore;
        good = good && !finding.fatal;
        loaded_.problems.push_back({.fatal = fatal,
                                    .where = candidate.where,
                                    .text = std::string(row.key) + ": " + finding.text,
                                    .remedy = std::move(finding.remedy)});
      }
      if (good && origin == Origin::kDefault) {
        origin = candidate.origin;
        decided = candidate.text;
        if (row.key == "upstream.proxy_url") proxy_place_ = candidate.where;
      }
      if (good && row.adds && origin != candidate.origin) {
        decided.append(",").append(candidate.text);
      }
      if ((good || candidate.origin != Origin::kStore) && !row.adds) break;
    }
    loaded_.origins.emplace(row.key, origin);
    loaded_.texts.emplace(row.key, Secret(decided));
  }

  // What depends on the machine or on other settings.
  void resolve() {
    Settings& settings = loaded_.settings;
    if (settings.workers == 0) {
      settings.workers = std::max(1u, std::thread::hardware_concurrency());
    }
    settings.max_attempts = std::max<std::int64_t>(1, settings.max_attempts);
    // systemd may give several folders; the first is ours.
    settings.data_dir = settings.data_dir.substr(0, settings.data_dir.find(':'));
    while (settings.data_dir.size() > 1 && settings.data_dir.ends_with('/')) {
      settings.data_dir.pop_back();
    }
    if (settings.data_dir.empty()) settings.data_dir = ".";
    if (settings.key_file.empty()) settings.key_file = settings.data_dir + "/master.key";
    if (settings.media_folder.empty()) settings.media_folder = settings.data_dir + "/media";
    // HTTPS_PROXY is, by everybody's convention, for https alone.
    if (lower(proxy_place_).ends_with(" https_proxy") &&
        settings.gemini_base_url.starts_with("http://")) {
      settings.proxy_url = Secret();
    }
    if (settings.max_body_bytes > settings.body_memory_bytes) {
      loaded_.problems.push_back(
          {.fatal = false,
           .where = "server.max_body",
           .text = "one body may be larger than all bodies together (server.body_memory)",
           .remedy = "raise server.body_memory, or lower server.max_body"});
    }
  }

  const Sources& sources_;
  std::vector<TomlValue> file_;
  std::string hours_;        // what CHECK_INTERVAL_HOURS says, as a duration
  std::string proxy_place_;  // where the proxy's address was found
  Loaded loaded_;
};

}  // namespace

std::string_view origin_name(Origin origin) {
  switch (origin) {
    case Origin::kDefault:
      return "default";
    case Origin::kFile:
      return "file";
    case Origin::kStore:
      return "store";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kFlag:
      return "flag";
  }
  return "default";
}

bool Loaded::ok() const { return std::ranges::none_of(problems, &Problem::fatal); }

bool Loaded::is_fixed(std::string_view key) const {
  const auto origin = origins.find(key);
  return origin != origins.end() &&
         (origin->second == Origin::kFlag || origin->second == Origin::kEnvironment);
}

Loaded load_settings(const Sources& sources) { return Loader(sources).run(); }

std::map<std::string, std::string> read_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals == std::string_view::npos) continue;
    if (!name.starts_with("WASAT_") && find_setting_by_environment(name) == nullptr) continue;
    variables.emplace(name, text.substr(equals + 1));
  }
  return variables;
}

std::vector<std::string> changes_that_need_restart(const Settings& old_one,
                                                   const Settings& new_one) {
  std::vector<std::string> keys;
  for (const SettingRow& row : settings_table()) {
    if (!row.live && !same_value(row, old_one, new_one)) keys.emplace_back(row.key);
  }
  return keys;
}

std::string describe(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += fmt::format("{}: {}: {}\n", problem.fatal ? "error" : "warning", problem.where,
                        problem.text);
    if (problem.remedy.empty()) continue;
    const std::string_view end = problem.remedy.ends_with('?') ? "" : ".";
    text += fmt::format("  To mend it: {}{}\n", problem.remedy, end);
  }
  return text;
}

}  // namespace wasat::app
