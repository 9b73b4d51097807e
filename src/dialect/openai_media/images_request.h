// An image request in typed form.

#pragma once

#include <string>
#include <vector>

#include "dialect/openai_media/media_input.h"

namespace wasat::dialect::openai_media {

enum class ImageTask : std::uint8_t { kGenerate, kEdit, kVary };

struct ImagesRequest {
  ImageTask task = ImageTask::kGenerate;
  std::shared_ptr<Source> source;
  std::string model;  // as the client wrote it
  std::string prompt;
  std::size_t n = 1;
  std::string size;           // "auto" when nothing is said
  std::string quality;        // the same
  std::string background;     // the same
  std::string output_format;  // "png", "jpeg", "webp"; empty: nothing said
  std::optional<std::int64_t> compression;
  bool by_url = false;  // response_format
  bool stream = false;
  std::vector<MediaInput> images;
  std::optional<MediaInput> mask;
};

[[nodiscard]] Result<ImagesRequest> read_images_request(const Request& request, ImageTask task);

}  // namespace wasat::dialect::openai_media
