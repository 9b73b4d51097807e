#include "simulator/implicit_cache.h"

#include <algorithm>
#include <vector>

#include "json/reader.h"
#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kBytesPerToken = 4;
constexpr std::size_t kBlockBytes = ImplicitCache::kBlockTokens * kBytesPerToken;
constexpr std::size_t kTokensPerMedium = 258;
constexpr int kMostSeconds = 86'400;

// A picture or a sound as so many bytes as it has tokens.
void append_medium(std::string& prompt, std::string_view raw) {
  std::uint64_t bytes = hash(raw);
  for (std::size_t i = 0; i < kTokensPerMedium * kBytesPerToken; ++i, bytes = hash("", bytes)) {
    prompt += static_cast<char>('a' + bytes % 26);
  }
}

void append_parts(std::string& prompt, json::Value content) {
  each(field(content, "parts"), [&prompt](json::Value part) {
    if (field(part, "inlineData") || field(part, "fileData")) {
      append_medium(prompt, part.raw());
    } else {
      prompt += field(part, "text").string_or(part.raw());
    }
    prompt += '\n';
  });
}

// What the model reads, in its order: system, tools, turns.
std::string prompt_of(json::Value request) {
  std::string prompt;
  append_parts(prompt, field(request, "systemInstruction"));
  prompt += field(request, "tools").raw();
  each(field(request, "contents"), [&prompt](json::Value content) {
    prompt += field(content, "role").string_or("user");
    prompt += ':';
    append_parts(prompt, content);
  });
  return prompt;
}

int least_tokens(std::string_view model) {
  return model.contains("pro") ? ImplicitCache::kLeastTokensPro : ImplicitCache::kLeastTokensFlash;
}

}  // namespace

Result<> ImplicitCache::configure(PaddedView json) {
  json::Document document;
  const Result<json::Value> root = document.parse(json);
  if (!root) return fail(root.error());
  const std::optional<bool> on = (*root)["implicit"].boolean();
  const std::int64_t seconds = (*root)["seconds"].integer().value_or(300);
  if (!on || seconds < 1 || seconds > kMostSeconds) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             R"(Caching is set by {"implicit":true,"seconds":300}.)"));
  }
  turn_off();
  const std::lock_guard lock(mutex_);
  totals_.on = *on;
  kept_ = std::chrono::seconds(seconds);
  return {};
}

void ImplicitCache::turn_off() {
  const std::lock_guard lock(mutex_);
  totals_ = {};
  blocks_.clear();
  uses_.clear();
}

int ImplicitCache::use(std::string_view key, std::string_view model, PaddedView request, Time now) {
  {
    const std::lock_guard lock(mutex_);
    if (!totals_.on) return 0;
  }
  json::Document document;
  const Result<json::Value> root = document.parse(request);
  if (!root) return 0;
  const std::string prompt = prompt_of(*root);

  const std::lock_guard lock(mutex_);
  forget_old(now);
  std::uint64_t beginning = hash(model, hash(key));
  int tokens = 0;
  int cached = 0;
  bool known = true;
  for (std::size_t at = 0; at + kBlockBytes <= prompt.size(); at += kBlockBytes) {
    beginning = hash(std::string_view(prompt).substr(at, kBlockBytes), beginning);
    tokens += kBlockTokens;
    const auto [block, is_new] = blocks_.insert_or_assign(beginning, now);
    uses_.push_back({.block = block->first, .at = now});
    known = known && !is_new;
    if (known) cached = tokens;
  }
  if (cached < least_tokens(model)) cached = 0;
  ++totals_.prompts;
  totals_.tokens += static_cast<std::uint64_t>(tokens);
  totals_.cached_tokens += static_cast<std::uint64_t>(cached);
  return cached;
}

void ImplicitCache::forget_old(Time now) {
  while (!uses_.empty() && (uses_.size() > kMostBlocks || uses_.front().at + kept_ <= now)) {
    const Use oldest = uses_.front();
    uses_.pop_front();
    const auto found = blocks_.find(oldest.block);
    if (found != blocks_.end() && found->second <= oldest.at) blocks_.erase(found);
  }
}

ImplicitCache::Totals ImplicitCache::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace wasat::simulator
