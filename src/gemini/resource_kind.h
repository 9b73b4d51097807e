// The kinds of things that an upstream account owns, and that a client's token
// may be allowed to make and use.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wasat::gemini {

enum class ResourceKind : std::uint8_t {
  kFiles,
  kCaches,  // cachedContents
  kStores,  // fileSearchStores, with their documents and operations
  kBatches,
  kOperations,  // models/x/operations/y (Veo), operations/y
  kInteractions,
  kLive,             // sessions; nothing that stays
  kEphemeralTokens,  // auth_tokens
  kTunedModels,
  kOther,  // every path that is none of these
};

struct ResourceKindRow {
  ResourceKind kind;
  std::string_view name;  // in settings, in the store and in error texts
};

// In the order of the enumeration.
inline constexpr auto kResourceKinds = std::to_array<ResourceKindRow>({
    {ResourceKind::kFiles, "files"},
    {ResourceKind::kCaches, "caches"},
    {ResourceKind::kStores, "stores"},
    {ResourceKind::kBatches, "batches"},
    {ResourceKind::kOperations, "operations"},
    {ResourceKind::kInteractions, "interactions"},
    {ResourceKind::kLive, "live"},
    {ResourceKind::kEphemeralTokens, "ephemeral_tokens"},
    {ResourceKind::kTunedModels, "tuned_models"},
    {ResourceKind::kOther, "other"},
});

constexpr std::string_view resource_kind_name(ResourceKind kind) {
  return kResourceKinds[static_cast<std::size_t>(kind)].name;
}

constexpr std::optional<ResourceKind> find_resource_kind(std::string_view name) {
  for (const ResourceKindRow& row : kResourceKinds) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

}  // namespace wasat::gemini
