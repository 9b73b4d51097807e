// ChunkReader: read_chunk() for an answer that comes in pieces and is never held.
//
// Checks that the pieces are one JSON value (RFC 8259, a depth bound; UTF-8 is not looked at)
// and writes down the same document without what read_chunk() does not read: `null` stands for
// such a value, "..." for a long string. Belongs to one answer; one thread at a time.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gemini/call.h"
#include "json/scanner.h"

namespace wasat::gemini {

class ChunkReader final : private json::Scanner::Watcher {
 public:
  // Bytes of a string, with its quotes. Of a longer one no more is known than that there is one.
  static constexpr std::size_t kLongestString = 160;

  // `most_noted`: bytes of what is written down. When it is not enough, the tally stays as it is.
  explicit ChunkReader(std::size_t most_noted = 1u << 20) : most_noted_(most_noted) {}

  // The next bytes. An error: this is no JSON, whatever follows.
  [[nodiscard]] Result<> push(std::string_view bytes);
  // That was all. Notes in `tally` what read_chunk() would; its errors.
  [[nodiscard]] Result<> finish(Tally& tally);

 private:
  // What a value is to read_chunk(), by where it stands.
  enum class Place : std::uint8_t {
    kNowhere,  // not read
    kAnswer,
    kCandidates,
    kCandidate,
    kContent,
    kParts,
    kPart,
    kSimple,  // read, unless it is a container
    kWhole,   // read with all that is in it
  };

  void name_begins(const char* at) override;
  void name_ended(const char* behind) override;
  void value_begins(const char* at, json::Type type) override;
  void value_ended(const char* behind) override;

  Place place_of_value() const;
  void note_up_to(const char* at);
  void note(std::string_view bytes);

  const std::size_t most_noted_;
  json::Scanner scanner_{json::kMaxDepth, this};
  std::array<Place, json::kMaxDepth + 1> places_{};  // of open containers, by their depth
  std::string name_;                                 // of the member; its beginning, if it is long
  bool in_name_ = false;
  bool in_string_ = false;
  bool skips_ = false;  // the rest of this value is not noted
  bool outgrown_ = false;
  const char* from_ = nullptr;  // of these bytes, what is not noted begins here
  std::size_t string_at_ = 0;   // in noted_
  std::string noted_;
};

}  // namespace wasat::gemini
