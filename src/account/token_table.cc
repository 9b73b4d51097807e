#include "account/token_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/random.h"

namespace wasat::account {
namespace {

// Longer ones are not hashed, so that nobody makes us hash megabytes.
constexpr std::size_t kLongest = 1024;

// The hash is keyed and evenly distributed: any of its bytes will do.
std::size_t slot_of(const Digest& hash) {
  std::size_t slot = 0;
  std::memcpy(&slot, hash.data(), sizeof(slot));
  return slot;
}

// A word that we do not know (of a newer Wasat) allows nothing.
Allowed stored_allowed(std::string_view words) {
  return words.empty() ? Allowed::owned() : Allowed::parse(words).value_or(Allowed::none());
}

std::shared_ptr<const Limits> shared(Limits limits) {
  return limits == Limits() ? nullptr : std::make_shared<const Limits>(std::move(limits));
}

}  // namespace

Result<> Token::check(const Clock& clock) const {
  if (expires != store::Time() && clock.wall() >= expires) {
    const auto day = std::chrono::floor<std::chrono::days>(expires);
    const std::chrono::year_month_day date(day);
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "this token has expired (" + std::to_string(int(date.year())) + "-" +
                                 std::to_string(unsigned(date.month())) + "-" +
                                 std::to_string(unsigned(date.day())) +
                                 "). Ask the operator for a new one."));
  }
  if (!trouble.empty()) return fail(client_error(ErrorKind::kPermissionDenied, trouble));
  return {};
}

TokenTable::TokenTable(std::span<const store::Token> stored, std::span<const Secret> environment,
                       Allowed environment_allowed, const HmacKey& key,
                       const Limits& environment_limits, std::span<const Secret> other_keys,
                       std::span<const Secret> environment_relay)
    : key_(key),
      other_keys_(other_keys.begin(), other_keys.end()),
      slots_(
          std::bit_ceil(2 * (stored.size() + environment.size() + environment_relay.size()) + 1)) {
  for (const store::Token& row : stored) {
    if (row.disabled) continue;
    Token token{.id = row.id,
                .name = row.name,
                .kind = read_token_kind(row.kind),
                .prefix = row.prefix,
                .allowed = stored_allowed(row.allow),
                .expires = row.expires};
    if (Result<Limits> limits = Limits::parse(row.limits)) {
      token.limits = shared(std::move(*limits));
    } else {
      // Of a newer Wasat, perhaps. Without its limits nobody wants to see it used.
      token.trouble = "this token's limits cannot be read (" + limits.error().detail +
                      "). Ask the operator to set them anew.";
    }
    add(row.hash, std::move(token));
  }
  const std::shared_ptr<const Limits> common = shared(environment_limits);
  const auto add_all = [&](std::span<const Secret> texts, TokenKind kind) {
    std::size_t number = 0;
    for (const Secret& text : texts) {
      if (text.empty()) continue;
      store::Token row = environment_token(text, kind, ++number, key_);
      Token token{.id = std::move(row.id),
                  .name = std::move(row.name),
                  .kind = kind,
                  .prefix = std::move(row.prefix)};
      if (kind == TokenKind::kClient) {
        token.allowed = environment_allowed;
        token.limits = common;
      }
      add(row.hash, std::move(token));
    }
  };
  add_all(environment, TokenKind::kClient);
  add_all(environment_relay, TokenKind::kRelay);
}

void TokenTable::add(const Digest& hash, Token token) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = slot_of(hash) & mask;
  while (slots_[slot] != 0) {
    if (same_digest(entries_[slots_[slot] - 1].hash, hash)) return;  // the first one counts
    slot = (slot + 1) & mask;
  }
  entries_.push_back({hash, std::make_shared<const Token>(std::move(token))});
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
}

std::shared_ptr<const Token> TokenTable::find(std::string_view presented) const {
  if (presented.empty() || presented.size() > kLongest) return nullptr;
  if (const auto* token = find_hash(key_(presented))) return *token;
  for (const HmacKey& key : other_keys_) {
    if (const auto* token = find_hash(key(presented))) return *token;
  }
  return nullptr;
}

const std::shared_ptr<const Token>* TokenTable::find_hash(const Digest& hash) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = slot_of(hash) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (same_digest(entry.hash, hash)) return &entry.token;
  }
  return nullptr;
}

std::shared_ptr<const Token> TokenTable::find_id(std::string_view id) const {
  const auto found =
      std::ranges::find_if(entries_, [id](const Entry& each) { return each.token->id == id; });
  return found == entries_.end() ? nullptr : found->token;
}

store::Token environment_token(const Secret& text, TokenKind kind, std::size_t number,
                               const HmacKey& key) {
  const Digest hash = key(text.reveal());
  return {.id = "env-" + hex(as_bytes(hash).substr(0, 8)),
          .name = (kind == TokenKind::kClient ? "environment " : "environment, relay ") +
                  std::to_string(number),
          .kind = std::string(token_kind_row(kind).name),
          .hash = hash,
          .prefix = text.mask()};
}

NewToken make_token(std::string id, std::string name, Allowed allowed, const HmacKey& key,
                    store::Time now, TokenKind kind) {
  const TokenKindRow& of_kind = token_kind_row(kind);
  NewToken made{.text = secure_text(40, of_kind.prefix), .row = {}};
  made.row = {.id = std::move(id),
              .name = std::move(name),
              .kind = std::string(of_kind.name),
              .hash = key(made.text.reveal()),
              .prefix = made.text.mask(),
              .allow = allowed.text(),
              .created = now};
  return made;
}

}  // namespace wasat::account
