// What an import would do: from a cargo and what is here to changes of the store, which
// it takes all or none, and a report of them for people.
//
// A pure function; of 100,000 credentials it takes a second: off the workers.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"
#include "store/keys.h"
#include "store/records.h"

namespace wasat::admin::transfer {

enum class Mode : std::uint8_t {
  kMerge,    // what the cargo has is added or replaces its like; all else stays
  kReplace,  // what the cargo does not have is removed, too
};

// What there are reports about.
enum class Kind : std::uint8_t { kCredential, kToken, kSetting, kAlias, kPassword, kOther };
enum class Outcome : std::uint8_t { kAdded, kChanged, kRemoved, kSkipped, kNotTaken };

std::string_view kind_name(Kind kind);           // "credential"
std::string_view outcome_name(Outcome outcome);  // "added"

struct ReportLine {
  Kind kind;
  Outcome outcome;
  std::string what;  // a name or a masked key; no secret
  std::string why;   // of what was skipped or not taken
};

struct Report {
  std::map<std::pair<Kind, Outcome>, std::int64_t> counts;
  std::vector<ReportLine> lines;  // the first kMostLines
  static constexpr std::size_t kMostLines = 1000;

  void add(Kind kind, Outcome outcome, std::string what, std::string why = {});
  std::int64_t count(Kind kind, Outcome outcome) const;
};

struct ImportPlan {
  std::vector<store::Change> changes;  // empty: nothing to do
  Report report;
};

struct ImportRules {
  Mode mode = Mode::kMerge;
  bool admin_password = false;  // take it over, where the document has one
  store::Time now;
  // Unguessable, for what comes without an id.
  std::function<std::string()> new_id;
};

// `here` has the environment's credentials, too, with their secrets.
ImportPlan plan_import(const Cargo& cargo, const store::Contents& here, const store::Keys& keys,
                       const KnownSettings& settings, const ImportRules& rules);

}  // namespace wasat::admin::transfer
