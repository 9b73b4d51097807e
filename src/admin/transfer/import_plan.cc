#include "admin/transfer/import_plan.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "account/admin_password.h"

namespace wasat::admin::transfer {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::string_view kPasswordSetting = "access.admin_password";

bool same_credential(const store::Credential& a, const store::Credential& b) {
  return a.name == b.name && a.secret.equals(b.secret.reveal()) && a.state == b.state &&
         a.reason == b.reason && a.tier == b.tier && a.weight == b.weight &&
         a.most_leases == b.most_leases && a.proxy.equals(b.proxy.reveal()) && a.note == b.note;
}

bool same_token(const store::Token& a, const store::Token& b) {
  return a.name == b.name && a.kind == b.kind && a.hash == b.hash && a.allow == b.allow &&
         a.disabled == b.disabled && a.expires == b.expires && a.limits == b.limits;
}

std::string shown(const store::Credential& c) {
  return c.name.empty() ? c.secret.mask() : c.name + " (" + c.secret.mask() + ")";
}

std::string text_of(const Digest& digest) { return std::string(as_bytes(digest)); }

class Planner {
 public:
  Planner(const Cargo& cargo, const store::Contents& here, const store::Keys& keys,
          const KnownSettings& settings, const ImportRules& rules)
      : cargo_(cargo), here_(here), keys_(keys), settings_(settings), rules_(rules) {}

  ImportPlan run() {
    credentials();
    tokens();
    settings();
    aliases();
    password();
    for (const Remark& remark : cargo_.remarks) {
      report(Kind::kOther, Outcome::kNotTaken, remark.what, remark.why);
    }
    return std::move(plan_);
  }

 private:
  bool replaces() const { return rules_.mode == Mode::kReplace; }
  void report(Kind kind, Outcome outcome, std::string what, std::string why = {}) {
    plan_.report.add(kind, outcome, std::move(what), std::move(why));
  }
  void change(store::Change change) { plan_.changes.push_back(std::move(change)); }

  void credentials() {
    std::unordered_map<std::string, const store::Credential*> by_secret;
    std::unordered_map<std::string, const store::Credential*> by_id;
    for (const store::Credential& c : here_.credentials) {
      if (!c.secret.empty())
        by_secret.emplace(text_of(keys_.fingerprint(c.provider, c.secret)), &c);
      if (!c.from_environment) by_id.emplace(c.id, &c);
    }
    std::unordered_set<std::string> kept;   // ids of here
    std::unordered_set<std::string> taken;  // fingerprints of the cargo
    for (const store::Credential& theirs : cargo_.credentials) {
      const std::string fingerprint = text_of(keys_.fingerprint(theirs.provider, theirs.secret));
      if (!taken.insert(fingerprint).second) {
        report(Kind::kCredential, Outcome::kSkipped, shown(theirs), "is in the document twice");
        continue;
      }
      // The secret says which one it is: what is known here goes by its own id.
      const auto like = by_secret.find(fingerprint);
      const auto named = by_id.find(theirs.id);
      const store::Credential* ours = like != by_secret.end() ? like->second
                                      : named != by_id.end()  ? named->second
                                                              : nullptr;
      if (ours != nullptr && ours->from_environment) {
        report(Kind::kCredential, Outcome::kSkipped, shown(theirs),
               "the environment gives it here");
        continue;
      }
      if (ours != nullptr && !kept.insert(ours->id).second) ours = nullptr;
      if (ours != nullptr) {
        update(*ours, theirs);
      } else {
        add(theirs, by_id);
      }
    }
    if (!replaces()) return;
    for (const auto& [id, ours] : by_id) {
      if (kept.contains(id)) continue;
      report(Kind::kCredential, Outcome::kRemoved, shown(*ours));
      // First, so that nothing that comes is taken for its duplicate.
      removals_.emplace_back(store::RemoveCredential{id});
    }
    plan_.changes.insert(plan_.changes.begin(), removals_.begin(), removals_.end());
  }

  void update(const store::Credential& ours, const store::Credential& theirs) {
    store::Credential next = theirs;
    next.id = ours.id;
    next.created = ours.created;
    // A document without names and ids (a list of keys) says nothing about how they are used.
    if (theirs.id.empty()) next = ours;
    if (same_credential(next, ours)) {
      report(Kind::kCredential, Outcome::kSkipped, shown(ours), "is here already");
      return;
    }
    next.updated = rules_.now;
    report(Kind::kCredential, Outcome::kChanged, shown(next));
    change(store::PutCredential{std::move(next)});
  }

  void add(const store::Credential& theirs,
           const std::unordered_map<std::string, const store::Credential*>& by_id) {
    store::Credential next = theirs;
    if (next.id.empty() || by_id.contains(next.id) || !new_ids_.insert(next.id).second) {
      next.id = rules_.new_id();
    }
    next.from_environment = false;
    if (next.created == store::Time{}) next.created = rules_.now;
    next.updated = rules_.now;
    report(Kind::kCredential, Outcome::kAdded, shown(next));
    change(store::PutCredential{std::move(next)});
  }

  void tokens() {
    std::unordered_map<std::string, const store::Token*> by_hash;
    std::unordered_map<std::string, const store::Token*> by_id;
    for (const store::Token& token : here_.tokens) {
      by_hash.emplace(text_of(token.hash), &token);
      by_id.emplace(token.id, &token);
    }
    std::unordered_set<std::string> kept;
    std::unordered_set<std::string> taken;
    std::vector<store::Token> theirs = cargo_.tokens;
    std::size_t number = 0;
    for (const Secret& text : cargo_.plain_tokens) {
      theirs.push_back({.id = {},
                        .name = "imported " + std::to_string(++number),
                        .kind = "client",
                        .hash = keys_.tokens(text.reveal()),
                        .prefix = text.mask(),
                        .allow = {},
                        .created = rules_.now,
                        .expires = {},
                        .limits = {}});
    }
    for (store::Token& token : theirs) {
      const std::string hash = text_of(token.hash);
      if (!taken.insert(hash).second) {
        report(Kind::kToken, Outcome::kSkipped, token.prefix, "is in the document twice");
        continue;
      }
      const auto like = by_hash.find(hash);
      const auto named = by_id.find(token.id);
      const store::Token* ours = like != by_hash.end()  ? like->second
                                 : named != by_id.end() ? named->second
                                                        : nullptr;
      if (ours != nullptr && !kept.insert(ours->id).second) ours = nullptr;
      if (ours == nullptr) {
        if (token.id.empty() || by_id.contains(token.id)) token.id = rules_.new_id();
        report(Kind::kToken, Outcome::kAdded, token.name);
        change(store::PutToken{std::move(token)});
      } else if (token.id.empty() || same_token(token, *ours)) {
        report(Kind::kToken, Outcome::kSkipped, ours->name, "is here already");
      } else {
        token.id = ours->id;
        report(Kind::kToken, Outcome::kChanged, token.name);
        change(store::PutToken{std::move(token)});
      }
    }
    token_keys();
    if (!replaces()) return;
    for (const auto& [id, ours] : by_id) {
      if (kept.contains(id)) continue;
      report(Kind::kToken, Outcome::kRemoved, ours->name);
      change(store::RemoveToken{id});
    }
  }

  // Tokens that another machine hashed go on working when its key is known.
  void token_keys() {
    if (cargo_.tokens.empty()) return;
    for (const Secret& key : cargo_.token_keys) {
      const bool known = keys_.token_key.equals(key.reveal()) ||
                         std::ranges::any_of(here_.token_keys, [&](const Secret& each) {
                           return each.equals(key.reveal());
                         });
      if (!known) change(store::PutTokenKey{key});
    }
  }

  void settings() {
    std::set<std::string> kept;
    for (const auto& [key, theirs] : cargo_.settings) {
      const std::optional<KnownSetting> known = settings_.find(key);
      if (!known) {
        report(Kind::kSetting, Outcome::kNotTaken, key, "this Wasat has no such setting");
        continue;
      }
      kept.insert(key);
      if (known->of_place) {
        report(Kind::kSetting, Outcome::kNotTaken, key,
               "belongs to the machine that it was made on. Set it here if you want it");
        continue;
      }
      if (std::string problem = settings_.problem(key, theirs.value.reveal()); !problem.empty()) {
        report(Kind::kSetting, Outcome::kNotTaken, key, std::move(problem));
        continue;
      }
      const auto ours = here_.settings.find(key);
      if (ours != here_.settings.end() && ours->second.equals(theirs.value.reveal())) {
        report(Kind::kSetting, Outcome::kSkipped, key, "has this value already");
        continue;
      }
      report(Kind::kSetting, ours == here_.settings.end() ? Outcome::kAdded : Outcome::kChanged,
             key);
      change(store::PutSetting{
          .key = key, .value = theirs.value, .seal = theirs.secret || known->secret});
    }
    if (!replaces()) return;
    for (const auto& [key, value] : here_.settings) {
      // Who signs in here is not for a document to say.
      if (kept.contains(key) || key == kPasswordSetting) continue;
      const std::optional<KnownSetting> known = settings_.find(key);
      if (known && known->of_place) continue;
      report(Kind::kSetting, Outcome::kRemoved, key);
      change(store::RemoveSetting{key});
    }
  }

  void aliases() {
    for (const auto& [alias, model] : cargo_.aliases) {
      if (alias.empty() || model.empty()) {
        report(Kind::kAlias, Outcome::kNotTaken, alias, "stands for nothing");
        continue;
      }
      const auto ours = here_.model_aliases.find(alias);
      if (ours != here_.model_aliases.end() && ours->second == model) {
        report(Kind::kAlias, Outcome::kSkipped, alias, "is here already");
        continue;
      }
      report(Kind::kAlias, ours == here_.model_aliases.end() ? Outcome::kAdded : Outcome::kChanged,
             alias);
      change(store::PutModelAlias{.alias = alias, .model = model});
    }
    if (!replaces()) return;
    for (const auto& [alias, model] : here_.model_aliases) {
      if (cargo_.aliases.contains(alias)) continue;
      report(Kind::kAlias, Outcome::kRemoved, alias);
      change(store::RemoveModelAlias{alias});
    }
  }

  void password() {
    if (cargo_.admin_password.empty()) return;
    if (!rules_.admin_password) {
      return report(Kind::kPassword, Outcome::kNotTaken, "admin password",
                    "the one of here goes on. Ask for it (admin_password) to take it over");
    }
    if (cargo_.admin_password.size() < kShortestPassword) {
      return report(Kind::kPassword, Outcome::kNotTaken, "admin password",
                    "has fewer than 8 characters. The one of here goes on");
    }
    report(Kind::kPassword, Outcome::kChanged, "admin password");
    change(store::SetAdminPassword{.hash = account::hash_password(cargo_.admin_password.reveal()),
                                   .updated = rules_.now});
  }

  const Cargo& cargo_;
  const store::Contents& here_;
  const store::Keys& keys_;
  const KnownSettings& settings_;
  const ImportRules& rules_;
  std::unordered_set<std::string> new_ids_;
  std::vector<store::Change> removals_;
  ImportPlan plan_;
};

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kCredential:
      return "credential";
    case Kind::kToken:
      return "token";
    case Kind::kSetting:
      return "setting";
    case Kind::kAlias:
      return "alias";
    case Kind::kPassword:
      return "password";
    case Kind::kOther:
      return "other";
  }
  return "other";
}

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAdded:
      return "added";
    case Outcome::kChanged:
      return "changed";
    case Outcome::kRemoved:
      return "removed";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kNotTaken:
      return "not_taken";
  }
  return "not_taken";
}

void Report::add(Kind kind, Outcome outcome, std::string what, std::string why) {
  ++counts[{kind, outcome}];
  if (lines.size() >= kMostLines) return;
  lines.push_back(
      {.kind = kind, .outcome = outcome, .what = std::move(what), .why = std::move(why)});
}

std::int64_t Report::count(Kind kind, Outcome outcome) const {
  const auto found = counts.find({kind, outcome});
  return found == counts.end() ? 0 : found->second;
}

ImportPlan plan_import(const Cargo& cargo, const store::Contents& here, const store::Keys& keys,
                       const KnownSettings& settings, const ImportRules& rules) {
  return Planner(cargo, here, keys, settings, rules).run();
}

}  // namespace wasat::admin::transfer
