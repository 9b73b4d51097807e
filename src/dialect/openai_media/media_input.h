// Media that a request brings along, in Gemini's form: as base64 in the client's
// bytes or ours, as an URL that the gateway fetches, or as a file that is there already.

#pragma once

#include "dialect/openai_media/input.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {

struct MediaInput {
  std::string mime_type;    // empty: unknown
  std::string_view base64;  // of a data URL or an upload; lives in the source
  std::string url;          // to be fetched
  std::string file;         // "files/abc": uploaded before
  std::string where;        // "images[1]", for errors
};

// An upload: its bytes as base64, which the source keeps.
MediaInput uploaded_media(Source& source, const http::FormPart& part, std::string mime_type);

// A data URL, a web address, bare base64; or an object with `image_url`, `url`,
// `file_id` or `b64_json`.
[[nodiscard]] Result<MediaInput> described_media(Source& source, json::Value value,
                                                 std::string where);

// One part: inlineData or fileData. `otherwise`: the type when nothing tells it.
[[nodiscard]] Result<> write_media_part(json::Writer& writer, Source& source,
                                        const MediaInput& media, const Findings& findings,
                                        std::string_view otherwise);

// "files/abc" of an id that clients know as "file-abc"; empty if it can be none.
std::string file_resource(std::string_view id);

}  // namespace wasat::dialect::openai_media
