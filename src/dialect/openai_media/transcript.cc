#include "dialect/openai_media/transcript.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace wasat::dialect::openai_media {
namespace {

constexpr double kLongest = 100 * 3600;  // seconds that are believed

double clean_time(double seconds) {
  return std::isfinite(seconds) ? std::clamp(seconds, 0.0, kLongest) : 0;
}

// 62.5, "62.5", "62.5s", "01:02.5", "00:01:02,500"
double read_time(json::Value value) {
  if (const auto number = value.number()) return clean_time(*number);
  std::string text(value.string_or(""));
  std::ranges::replace(text, ',', '.');
  double seconds = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    double field = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), field);
    if (error != std::errc()) break;
    seconds = seconds * 60 + field;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (!rest.starts_with(':')) break;
    rest.remove_prefix(1);
  }
  return clean_time(seconds);
}

std::vector<Transcript::Span> read_spans(json::Value values, std::string_view text) {
  std::vector<Transcript::Span> spans;
  double last = 0;
  for (const json::Value value : values) {
    Transcript::Span span{.start = std::max(last, read_time(value["start"])),
                          .end = read_time(value["end"]),
                          .text = std::string(value[text].string_or("")),
                          .speaker = std::string(value["speaker"].string_or(""))};
    if (span.text.empty()) continue;
    span.end = std::max(span.start, span.end);
    last = span.start;
    spans.push_back(std::move(span));
  }
  return spans;
}

std::string clock_time(double seconds, char fraction) {
  const auto all = static_cast<std::int64_t>(std::llround(seconds * 1000));
  char text[48];
  (void)std::snprintf(text, sizeof(text), "%02d:%02d:%02d%c%03d", static_cast<int>(all / 3600000),
                      static_cast<int>(all / 60000 % 60), static_cast<int>(all / 1000 % 60),
                      fraction, static_cast<int>(all % 1000));
  return text;
}

// An empty line ends a cue, so there is none within.
std::string cue_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char written = c == '\r' ? '\n' : c;
    if (written != '\n' || (!out.empty() && out.back() != '\n')) out += written;
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::string Transcript::text() const {
  std::string all;
  for (const Span& segment : segments) {
    const bool spaced = all.empty() || all.back() == ' ' || segment.text.starts_with(' ');
    // Chinese and Japanese have no spaces between sentences.
    const auto first = static_cast<unsigned char>(segment.text.front());
    const bool wide = first >= 0xE3 && first <= 0xE9;
    if (!spaced && !wide) all += ' ';
    all += segment.text;
  }
  return all;
}

double Transcript::duration() const {
  double last = 0;
  for (const Span& segment : segments) last = std::max(last, segment.end);
  return last;
}

std::optional<Transcript> read_transcript(PaddedView json) {
  json::Document document;
  const auto root = document.parse(json);
  if (!root || !(*root)["segments"].is_array()) return std::nullopt;
  return Transcript{.language = std::string((*root)["language"].string_or("")),
                    .segments = read_spans((*root)["segments"], "text"),
                    .words = read_spans((*root)["words"], "word")};
}

std::string as_srt(const Transcript& transcript) {
  std::string out;
  std::size_t number = 0;
  for (const Transcript::Span& segment : transcript.segments) {
    out += std::to_string(++number) + "\n" + clock_time(segment.start, ',') + " --> " +
           clock_time(segment.end, ',') + "\n" + cue_text(segment.text) + "\n\n";
  }
  return out;
}

std::string as_vtt(const Transcript& transcript) {
  std::string out = "WEBVTT\n\n";
  for (const Transcript::Span& segment : transcript.segments) {
    out += clock_time(segment.start, '.') + " --> " + clock_time(segment.end, '.') + "\n" +
           cue_text(segment.text) + "\n\n";
  }
  return out;
}

}  // namespace wasat::dialect::openai_media
