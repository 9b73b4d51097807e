// Images and documents of Anthropic's content blocks, wherever they stand: in a
// user's message or in a tool's result.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "json/reader.h"

namespace wasat::dialect::anthropic {

// Takes what content blocks hold, in their order.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  // `whole`: the string that `escaped` is all of, or absent.
  virtual void text(std::string_view escaped, json::Value whole) = 0;
  virtual void media(Media media) = 0;
};

// image, document, container_upload, search_result. `path` names the block in errors.
Result<> read_image(json::Value block, const std::string& path, Source& source, BlockSink& sink);
Result<> read_document(json::Value block, const std::string& path, Source& source, BlockSink& sink);
void read_upload(json::Value block, const std::string& path, Source& source, BlockSink& sink);
void read_search_result(json::Value block, Source& source, BlockSink& sink);

}  // namespace wasat::dialect::anthropic
