// The address to which a client sends the pieces of an upload that it has begun.
//
// It leads to us and holds, sealed, where the upstream expects the pieces and
// whose they are, so that any worker, after any restart, can go on. Whoever has
// it may upload, as with Google's own: clients send no token along.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "store/records.h"

namespace wasat::gateway {

struct UploadUrl {
  std::string credential_id;
  std::string token_id;
  std::string target;  // the upstream's path and query
  store::Time made;
};

// The upstream's path with the sealed rest as its query; relative.
std::string seal_upload_url(const UploadUrl& url, const SealKey& key);

// What `path` (as in the request, without a mount) and `query` lead to. Nothing
// unless we made it, for this path, less than a week ago.
std::optional<UploadUrl> open_upload_url(std::string_view path, std::string_view query,
                                         const SealKey& key, store::Time now);

// Whether the path and query can be such an address.
bool is_upload_url(std::string_view path, std::string_view query);

}  // namespace wasat::gateway
