// Images, documents and sounds from the ways in which clients name them.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "json/reader.h"

namespace wasat::dialect {

// From a URL: a data URL, one that Google's servers open themselves, or any other of
// http(s), which the gateway must fetch. `path` names it in errors; `otherwise` is the
// type of a data URL that tells none, and empty if it must tell one.
Result<Media> media_of_url(json::Value url, Source& source, std::string path,
                           std::string_view otherwise);

// From base64 or a data URL. `type`: as the client says, when the URL does not; may be
// empty. `name`: a file's, may tell the type; may be absent.
Result<Media> media_of_data(json::Value data, std::string_view type, json::Value name,
                            Source& source, std::string path);

// A file of the Files API by its id: "file-abc", "files/abc" or "abc".
Media media_of_file(std::string_view id, Source& source, std::string path);

// "files/abc" when `escaped` is the URI of such a file; else empty.
std::string file_resource(std::string_view escaped);

// The type of what was fetched for `media`. Its own word counts, then the server's, then
// what bytes and URL look like.
std::string_view media_type_of(const Media& media, const Findings::Fetched& fetched);

}  // namespace wasat::dialect
