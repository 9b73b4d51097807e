// The kinds of content parts in chat messages: texts, thoughts, and media.

#pragma once

#include <string>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

bool is_text(json::Value part);
// The text of such a part, or of a part that is a plain string; of any type, or absent.
json::Value text_of(json::Value part);
// A model that reads its thoughts as text starts to write them as text: they are left out.
bool is_thought(json::Value part);

// image_url, video_url, input_audio, file and their variants.
Result<Media> read_media_part(json::Value part, Source& source, const std::string& path);

}  // namespace wasat::dialect::openai_chat
