// Gemini's and Imagen's pictures as OpenAI gives them.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

struct ImagesShape {
  AnswerContext context;
  std::string_view event;  // "image_generation", "image_edit"
  std::string size;        // as asked for, and the next two
  std::string quality;
  std::string background;
  std::size_t wanted = 1;
  bool by_url = false;  // a link, or a data URL where links are off
  bool events = false;  // server-sent events
};

std::unique_ptr<Encoder> make_images_encoder(ImagesShape shape);

}  // namespace wasat::dialect::openai_media
