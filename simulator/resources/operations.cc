#include "simulator/resources/operations.h"

#include <utility>

#include "json/writer.h"
#include "simulator/resources/files.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kVideoBytes = 300'000;

}  // namespace

Outcome create_video(const Asked& asked) {
  const std::string prefix = std::string(asked.rest) + "/operations/";
  Holding operation = asked.made(asked.holdings.new_name(prefix));
  Holding video = asked.made(asked.holdings.new_name("files/"));
  video.mime_type = "video/mp4";
  video.size = kVideoBytes;
  video.generated = true;
  video.ends = video.made + 48 * 3600;
  json::Writer writer(operation.result);
  writer.begin_object()
      .member("@type",
              "type.googleapis.com/google.ai.generativelanguage.v1beta."
              "PredictLongRunningResponse")
      .key("generateVideoResponse")
      .begin_object()
      .key("generatedSamples")
      .begin_array()
      .begin_object()
      .key("video")
      .begin_object()
      .member("uri", download_uri(video))
      .end_object()
      .end_object()
      .end_array()
      .end_object()
      .end_object();
  asked.holdings.put(std::move(video));
  return asked.keep(std::move(operation));
}

std::string operation_json(const Holding& operation, bool done) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("name", operation.name);
  if (done) writer.member("done", true).member_raw("response", operation.result);
  writer.end_object();
  return out;
}

}  // namespace wasat::simulator
