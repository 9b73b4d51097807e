// What of an upstream account a path or a URI names. Pure.
//
// A resource goes by its name in Google's own form: "files/abc",
// "cachedContents/x", "models/m/operations/y". What stands below one (a store's
// documents and operations) belongs to it and has no entry of its own.

#pragma once

#include <string>
#include <string_view>

#include "gemini/resource_kind.h"

namespace wasat::gemini {

struct ResourcePath {
  enum class Action : std::uint8_t {
    kList,    // of a whole collection: what it answers is not one token's
    kCreate,  // the answer names something new
    kUse,     // of `owned`, or of nothing that anybody owns
  };
  ResourceKind kind = ResourceKind::kOther;
  Action action = Action::kUse;
  // A plain call to a model: it neither shows nor keeps anything.
  bool free = false;
  bool upload = false;   // below /upload
  bool removes = false;  // `owned` itself
  std::string owned;     // "files/abc"; empty when the path names none
  // Of kList: what the names in it begin with ("files/", "models/m/operations/").
  std::string collection;
};

// `path` with its version, percent escapes as sent ("/v1beta/files/abc:download").
ResourcePath read_resource_path(std::string_view http_method, std::string_view path);

// The kind of the resource with this name; kOther when it is no such name.
ResourceKind kind_of_resource(std::string_view name);

// The file that a fileUri names ("files/abc"); empty when it is one that anybody
// may read (YouTube, the web, a bucket). What points at Google's own API and is
// no file's address comes back as it is, so that nobody is found to own it.
std::string resource_of_uri(std::string_view uri);

}  // namespace wasat::gemini
