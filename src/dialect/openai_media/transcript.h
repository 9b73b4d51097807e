// A transcript with times, and how subtitles and OpenAI's JSON write it. Pure.

#pragma once

#include <string>
#include <vector>

#include "json/reader.h"

namespace wasat::dialect::openai_media {

struct Transcript {
  struct Span {
    double start = 0;  // seconds
    double end = 0;
    std::string text;
    std::string speaker;
  };
  std::string language;
  std::vector<Span> segments;
  std::vector<Span> words;

  std::string text() const;
  double duration() const;  // the end of the last segment
};

// From the JSON that the model was asked for. Times may be numbers or "01:02.5";
// what makes no sense is put in order. nullopt: it is something else.
std::optional<Transcript> read_transcript(PaddedView json);

std::string as_srt(const Transcript& transcript);
std::string as_vtt(const Transcript& transcript);

}  // namespace wasat::dialect::openai_media
