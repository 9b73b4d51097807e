#include "store/ledger/matcher.h"

#include <algorithm>
#include <limits>

#include "store/ledger/presence.h"

namespace wasat::store {
namespace {

constexpr std::string_view kFailed = "failed";
constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

constexpr std::size_t member_of(std::string_view LedgerNote::* member) {
  return static_cast<std::size_t>(std::ranges::find(kNoteTexts, member) - kNoteTexts.begin());
}
constexpr std::size_t kOutcome = member_of(&LedgerNote::outcome);
constexpr std::size_t kError = member_of(&LedgerNote::error);

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, {}, lower, lower).empty();
}

}  // namespace

Matcher::Matcher(const LedgerFilter& filter) : filter_(filter) {
  const auto want = [this](std::string_view LedgerNote::* member, Trait trait,
                           std::string_view text) {
    if (text.empty()) return;
    needed_.push_back(trait_hash(trait, text));
    wanted_.push_back({member_of(member), text, kAbsent});
  };
  want(&LedgerNote::token_id, Trait::kToken, filter.token_id);
  want(&LedgerNote::credential_id, Trait::kCredential, filter.credential_id);
  want(&LedgerNote::provider, Trait::kProvider, filter.provider);
  want(&LedgerNote::dialect, Trait::kDialect, filter.dialect);
  want(&LedgerNote::upstream_model, Trait::kModel, filter.model);
  if (filter.outcome == kFailed) {
    needed_.push_back(trait_hash(Trait::kFailed));
  } else {
    want(&LedgerNote::outcome, Trait::kOutcome, filter.outcome);
  }
  if (filter.status) {
    needed_.push_back(trait_hash(Trait::kStatus, std::to_string(*filter.status)));
  }
}

bool Matcher::may_match(std::string_view presence) {
  const auto has = [presence](std::uint64_t trait) { return may_be_present(presence, trait); };
  if (!std::ranges::all_of(needed_, has)) return false;
  if (filter_.text.empty()) return true;
  may_have_id_ = has(trait_hash(Trait::kId, filter_.text));
  return may_have_id_ || has(trait_hash(Trait::kHasError));
}

bool Matcher::enter(const BlockReader& block) {
  for (Wanted& each : wanted_) {
    const std::optional<std::uint32_t> index = block.find(each.text);
    if (!index) return false;
    each.index = *index;
  }
  ok_ = block.find("ok").value_or(kAbsent);
  client_left_ = block.find("client_left").value_or(kAbsent);
  if (!filter_.text.empty()) {
    contains_.assign(block.texts(), false);
    bool found = may_have_id_;
    for (std::uint32_t i = 1; i < block.texts(); ++i) {
      contains_[i] = contains(block.text(i), filter_.text);
      found = found || contains_[i];
    }
    if (!found) return false;
  }
  return true;
}

bool Matcher::matches(const BlockReader::Row& row) const {
  for (const Wanted& each : wanted_) {
    if (row.texts[each.member] != each.index) return false;
  }
  if (filter_.since && row.note.time < *filter_.since) return false;
  if (filter_.until && row.note.time >= *filter_.until) return false;
  if (filter_.status && row.note.status != *filter_.status) return false;
  if (filter_.outcome == kFailed &&
      (row.texts[kOutcome] == ok_ || row.texts[kOutcome] == client_left_)) {
    return false;
  }
  return filter_.text.empty() || contains_[row.texts[kError]] || row.id == filter_.text;
}

}  // namespace wasat::store
