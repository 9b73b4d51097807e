// Undoing a content coding (RFC 9110 section 8.4.1) within a budget.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/body.h"
#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"

namespace wasat::http {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kDeflate, kBrotli, kZstd };

// For Accept-Encoding: what content_coding() knows.
inline constexpr std::string_view kContentCodings = "gzip, deflate, br, zstd";

// Of one name, in any case; empty is identity. nullopt: not known, or several.
std::optional<ContentCoding> content_coding(std::string_view name);

struct UnpackLimits {
  std::size_t most;  // bytes that come out
  // Asked before so many bytes are held; an error ends it.
  std::move_only_function<Result<>(std::size_t)> reserve;
};

// Lets the loop run in between, since a large body takes long. Errors:
// kInvalidRequest (not of this coding, or cut off), kTooLarge, and those of `reserve`.
WASAT_OWN_FRAME Task<Result<std::shared_ptr<Buffer>>> unpack(net::Loop& loop, ContentCoding coding,
                                                             std::shared_ptr<const Buffer> packed,
                                                             UnpackLimits limits);

}  // namespace wasat::http
