#include "app/live_settings.h"

#include <algorithm>

#include "app/check_settings.h"
#include "app/parse_setting.h"
#include "app/text.h"

namespace wasat::app {
namespace {

using admin::Refusal;
using admin::SettingChange;
using admin::SettingsChanged;
using admin::SettingView;

std::string_view type_name(Syntax syntax) {
  switch (syntax) {
    case Syntax::kText:
      return "text";
    case Syntax::kChoice:
      return "choice";
    case Syntax::kInteger:
      return "integer";
    case Syntax::kBytes:
      return "bytes";
    case Syntax::kSwitch:
      return "switch";
    case Syntax::kDuration:
      return "duration";
    case Syntax::kSecret:
      return "secret";
    case Syntax::kList:
      return "list";
    case Syntax::kKeys:
      return "keys";
    case Syntax::kRanges:
      return "ranges";
    case Syntax::kBaseUrl:
      return "url";
    case Syntax::kProxyUrl:
      return "proxy_url";
    case Syntax::kNames:
      return "names";
  }
  return "text";
}

// Of a secret, what tells one from another: of keys their masks, of a proxy all but name and
// password, of a password nothing.
std::string masked(const SettingRow& row, std::string_view text) {
  std::string shown;
  if (row.syntax == Syntax::kKeys) {
    for (const std::string_view key : split_list(text)) {
      shown += (shown.empty() ? "" : ",") + Secret(key).mask();
    }
  } else if (row.syntax == Syntax::kProxyUrl) {
    const std::size_t at = text.rfind('@');
    const std::size_t scheme = text.find("://");
    const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
    shown = at == std::string_view::npos || at < from
                ? std::string(text)
                : std::string(text.substr(0, from)) + "..." + std::string(text.substr(at));
  }
  return shown;
}

bool has_bounds(Syntax syntax) {
  return syntax == Syntax::kInteger || syntax == Syntax::kBytes || syntax == Syntax::kDuration;
}

// Read before the store is open, or kept in a way of its own.
std::string_view why_not_stored(std::string_view key) {
  if (key.starts_with("store.")) return "it says where the store is, so the store cannot hold it";
  if (key == "access.admin_password") return "the password is changed by POST /password";
  return {};
}

}  // namespace

LiveSettings::LiveSettings(Loaded loaded, Sources sources, std::function<void(Settings&)> adjust,
                           store::Store& store, Apply apply)
    : started_(loaded.settings),
      loaded_(std::move(loaded)),
      sources_(std::move(sources)),
      adjust_(std::move(adjust)),
      store_(store),
      apply_(std::move(apply)) {}

Settings LiveSettings::settings() const {
  Settings settings = loaded_.settings;
  for (const SettingRow& row : settings_table()) {
    if (!row.live) copy_value(row, started_, settings);
  }
  return settings;
}

Loaded LiveSettings::load() const {
  Loaded loaded = load_settings(sources_);
  if (adjust_) adjust_(loaded.settings);
  return loaded;
}

SettingView LiveSettings::view(const SettingRow& row) const {
  const std::string_view text = loaded_.texts.find(row.key)->second.reveal();
  SettingView view{.key = std::string(row.key),
                   .type = std::string(type_name(row.syntax)),
                   .value = row.secret() ? masked(row, text) : std::string(text),
                   .set = !trim(text).empty(),
                   .fallback = std::string(row.fallback),
                   .origin = std::string(origin_name(loaded_.origins.find(row.key)->second)),
                   .environment = std::string(row.environment),
                   .secret = row.secret(),
                   .fixed = loaded_.is_fixed(row.key) && !row.adds,
                   .stored = sources_.stored.contains(std::string(row.key)),
                   .live = row.live,
                   .adds = row.adds,
                   .needs_restart = !row.live && !same_value(row, started_, loaded_.settings),
                   .english = std::string(row.english),
                   .chinese = std::string(row.chinese)};
  view.editable = !view.fixed && why_not_stored(row.key).empty();
  if (has_bounds(row.syntax)) {
    view.low = row.low;
    if (row.high != std::numeric_limits<std::int64_t>::max()) view.high = row.high;
  }
  for (const std::string_view choice : split_list(row.choices)) view.choices.emplace_back(choice);
  return view;
}

std::vector<SettingView> LiveSettings::list() {
  std::vector<SettingView> views;
  for (const SettingRow& row : settings_table()) views.push_back(view(row));
  return views;
}

std::expected<const SettingRow*, Refusal> LiveSettings::editable(const std::string& key) const {
  const SettingRow* row = find_setting(key);
  if (row == nullptr) {
    Refusal refusal = admin::bad_field(key.substr(0, 64), "there is no setting of this name",
                                       "GET /api/admin/v1/settings lists all");
    refusal.code = "unknown_setting";
    refusal.status = 404;
    return admin::refuse(std::move(refusal));
  }
  if (const std::string_view why = why_not_stored(key); !why.empty()) {
    Refusal refusal = admin::conflict(key + " cannot be changed here: " + std::string(why));
    refusal.field = key;
    return admin::refuse(std::move(refusal));
  }
  if (loaded_.is_fixed(key) && !row->adds) {
    Refusal refusal = admin::conflict(key + " is fixed by a flag or the environment",
                                      "change it there, or unset it");
    refusal.field = key;
    return admin::refuse(std::move(refusal));
  }
  return row;
}

std::expected<SettingsChanged, Refusal> LiveSettings::change(std::vector<SettingChange> changes) {
  SettingsChanged changed;
  std::vector<store::Change> writes;
  std::map<std::string, Secret> stored = sources_.stored;
  for (SettingChange& each : changes) {
    const auto row = editable(each.key);
    if (!row) return admin::refuse(row.error());
    if (!each.value) {
      stored.erase(each.key);
      writes.emplace_back(store::RemoveSetting{each.key});
      continue;
    }
    Settings scratch = loaded_.settings;
    for (const Finding& finding : parse_setting(**row, each.value->reveal(), scratch)) {
      if (finding.fatal) {
        return admin::refuse(
            admin::bad_field(each.key, each.key + ": " + finding.text, finding.remedy));
      }
      changed.warnings.push_back(each.key + ": " + finding.text);
    }
    stored[each.key] = *each.value;
    writes.emplace_back(store::PutSetting{each.key, *each.value, (*row)->secret()});
  }
  const std::map<std::string, Secret> before = std::exchange(sources_.stored, std::move(stored));
  Loaded loaded = load();
  std::optional<Refusal> refused = refusal(loaded);
  if (!refused) {
    if (Result<> written = store_.write_and_wait(std::move(writes)); !written) {
      refused = admin::refusal_of(written.error());
    }
  }
  if (refused) {
    sources_.stored = before;
    return admin::refuse(std::move(*refused));
  }
  loaded_ = std::move(loaded);
  apply_(settings());
  changed.needs_restart = changes_that_need_restart(started_, loaded_.settings);
  return changed;
}

std::optional<Refusal> LiveSettings::refusal(const Loaded& loaded) {
  if (const auto problem = std::ranges::find(loaded.problems, true, &Problem::fatal);
      problem != loaded.problems.end()) {
    return admin::conflict(
        "the settings cannot be read again: " + problem->where + ": " + problem->text,
        problem->remedy);
  }
  if (const Result<> good = check_settings(loaded.settings); !good) {
    return admin::bad_field({}, good.error().detail);
  }
  return std::nullopt;
}

std::optional<Refusal> LiveSettings::refuse_stored(const std::map<std::string, Secret>& stored) {
  const std::map<std::string, Secret> before = std::exchange(sources_.stored, stored);
  const Loaded loaded = load();
  sources_.stored = before;
  return refusal(loaded);
}

std::vector<std::string> LiveSettings::use_stored(std::map<std::string, Secret> stored) {
  sources_.stored = std::move(stored);
  loaded_ = load();
  apply_(settings());
  return changes_that_need_restart(started_, loaded_.settings);
}

std::vector<Problem> LiveSettings::reload() {
  Loaded loaded = load();
  std::vector<Problem> problems = loaded.problems;
  if (Result<> good = check_settings(loaded.settings); !good) {
    problems.push_back({.where = "the settings", .text = good.error().detail, .remedy = {}});
  }
  if (std::ranges::any_of(problems, &Problem::fatal)) return problems;
  loaded_ = std::move(loaded);
  apply_(settings());
  for (const std::string& key : changes_that_need_restart(started_, loaded_.settings)) {
    problems.push_back({.fatal = false,
                        .where = key,
                        .text = "was changed, but takes effect at the next start",
                        .remedy = {}});
  }
  return problems;
}

}  // namespace wasat::app
