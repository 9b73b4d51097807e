#include "dialect/openai_media/dialect.h"

#include <algorithm>
#include <array>

#include "dialect/openai_errors.h"
#include "dialect/openai_media/embeddings.h"
#include "dialect/openai_media/files.h"
#include "dialect/openai_media/images.h"
#include "dialect/openai_media/speech.h"
#include "dialect/openai_media/transcription.h"
#include "dialect/paths.h"

namespace wasat::dialect::openai_media {
namespace {

enum class Work : std::uint8_t { kEmbeddings, kImages, kSpeech, kTranscription, kTranslation };

struct Row {
  std::string_view path;
  Work work;
};
constexpr std::array kPaths = {
    Row{"/embeddings", Work::kEmbeddings},
    Row{"/images/generations", Work::kImages},
    Row{"/images/edits", Work::kImages},
    Row{"/images/variations", Work::kImages},
    Row{"/audio/speech", Work::kSpeech},
    Row{"/audio/transcriptions", Work::kTranscription},
    Row{"/audio/translations", Work::kTranslation},
};

class OpenAiMedia : public Dialect {
 public:
  std::string_view name() const override { return "openai_media"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    const std::string_view path = bare_path(request);
    constexpr std::string_view kFiles = "/files";
    if (path == kFiles || path.starts_with("/files/")) {
      return parse_files(request, path.substr(kFiles.size()));
    }
    const auto row =
        std::ranges::find_if(kPaths, [path](const Row& each) { return each.path == path; });
    if (row == kPaths.end()) return fail(nothing_here(request));
    if (request.http_method != "POST") return fail(wrong_method(request, "POST"));
    switch (row->work) {
      case Work::kEmbeddings:
        return parse_embeddings(request);
      case Work::kImages:
        return parse_images(request, path.substr(path.rfind('/') + 1));
      case Work::kSpeech:
        return parse_speech(request);
      case Work::kTranscription:
        return parse_transcription(request, false);
      case Work::kTranslation:
        return parse_transcription(request, true);
    }
    return fail(nothing_here(request));
  }

  ErrorReply error(const Error& error) const override { return openai::error_reply(error); }
};

}  // namespace

std::unique_ptr<Dialect> make_openai_media() { return std::make_unique<OpenAiMedia>(); }

}  // namespace wasat::dialect::openai_media
