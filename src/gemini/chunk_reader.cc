#include "gemini/chunk_reader.h"

#include <algorithm>
#include <utility>

#include "base/body.h"
#include "gemini/frames.h"

namespace wasat::gemini {
namespace {

// With its quotes, longer than any name that is known here.
constexpr std::size_t kLongestName = 24;

Error no_json() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream sent an answer that is not valid JSON.");
}

}  // namespace

Result<> ChunkReader::push(std::string_view bytes) {
  if (bytes.empty()) return {};
  from_ = bytes.data();
  if (!scanner_.push(bytes)) return fail(no_json());
  note_up_to(bytes.data() + bytes.size());
  return {};
}

Result<> ChunkReader::finish(Tally& tally) {
  if (!scanner_.finish()) return fail(no_json());
  if (outgrown_) return {};
  return read_chunk(Buffer::copy_of(noted_)->padded(), tally);
}

void ChunkReader::name_begins(const char* at) {
  note_up_to(at);
  in_name_ = true;
  name_.clear();
}

void ChunkReader::name_ended(const char* behind) {
  note_up_to(behind);
  in_name_ = false;
}

void ChunkReader::value_begins(const char* at, json::Type type) {
  note_up_to(at);
  const int depth = scanner_.depth();
  const bool is_container = type == json::Type::kObject || type == json::Type::kArray;
  const Place place = place_of_value();
  if (place == Place::kNowhere || (place == Place::kSimple && is_container)) {
    note("null");
    skips_ = true;
  } else if (is_container) {
    // The scanner opens it next, unless that is too deep.
    if (depth < json::kMaxDepth) places_[static_cast<std::size_t>(depth) + 1] = place;
    scanner_.watch(depth + 1);
  } else if (type == json::Type::kString) {
    in_string_ = true;
    string_at_ = noted_.size();
  }
}

void ChunkReader::value_ended(const char* behind) {
  note_up_to(behind);
  skips_ = in_string_ = false;
  scanner_.watch(scanner_.depth());
}

ChunkReader::Place ChunkReader::place_of_value() const {
  if (scanner_.depth() == 0) return Place::kAnswer;
  switch (places_[static_cast<std::size_t>(scanner_.depth())]) {
    case Place::kAnswer:
      if (name_ == R"("candidates")") return Place::kCandidates;
      return name_ == R"("usageMetadata")" || name_ == R"("promptFeedback")" ? Place::kWhole
                                                                             : Place::kNowhere;
    case Place::kCandidates:
      return Place::kCandidate;
    case Place::kCandidate:
      if (name_ == R"("content")") return Place::kContent;
      return name_ == R"("finishReason")" ? Place::kSimple : Place::kNowhere;
    case Place::kContent:
      return name_ == R"("parts")" ? Place::kParts : Place::kNowhere;
    case Place::kParts:
      return Place::kPart;
    case Place::kPart:
      return Place::kSimple;
    case Place::kWhole:
      return Place::kWhole;
    case Place::kSimple:
    case Place::kNowhere:
      break;
  }
  return Place::kNowhere;
}

void ChunkReader::note_up_to(const char* at) {
  const std::string_view bytes(from_, static_cast<std::size_t>(at - from_));
  from_ = at;
  if (skips_) return;
  if (in_name_) name_ += bytes.substr(0, kLongestName - std::min(name_.size(), kLongestName));
  if (in_string_ && noted_.size() - string_at_ + bytes.size() > kLongestString) {
    noted_.resize(string_at_);
    note(R"("...")");
    skips_ = true;
  } else {
    note(bytes);
  }
}

void ChunkReader::note(std::string_view bytes) {
  if (noted_.size() + bytes.size() > most_noted_) outgrown_ = true;
  if (outgrown_) {
    std::string().swap(noted_);
    string_at_ = 0;
  } else {
    noted_ += bytes;
  }
}

}  // namespace wasat::gemini
