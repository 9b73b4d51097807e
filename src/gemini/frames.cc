#include "gemini/frames.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace wasat::gemini {
namespace {

constexpr int kMaxDepth = 128;
constexpr std::size_t kLongestReason = 64;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The first '"' or '\\' from `at` on, or `end` or somewhat behind it: eight bytes
// are looked at together, and those behind the end are readable padding.
const char* quote_or_escape(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto zero_bytes = [](std::uint64_t x) { return (x - kOnes) & ~x & kHighs; };
  for (; at < end; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const std::uint64_t hit = zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\'));
    if (hit != 0) return at + std::countr_zero(hit) / 8;
  }
  return at;
}

// A place in the text. Once `ok` is false nothing moves any more.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool ok() const { return ok_; }

  char peek() {
    while (at_ < end_ && is_space(*at_)) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool at_end() { return peek() == '\0' && at_ == end_; }

  // The string at this place, between its quotes and still escaped.
  std::string_view string() {
    if (!take('"')) return fail(), std::string_view();
    const char* const begin = at_;
    while (true) {
      at_ = quote_or_escape(at_, end_);
      if (end_ - at_ < 1) return fail(), std::string_view();
      if (*at_ == '"') {
        ++at_;
        return {begin, static_cast<std::size_t>(at_ - 1 - begin)};
      }
      if (end_ - at_ < 2) return fail(), std::string_view();
      at_ += 2;
    }
  }

  std::string_view scalar() {
    peek();
    const char* const begin = at_;
    while (at_ < end_ && !is_space(*at_) && *at_ != ',' && *at_ != '}' && *at_ != ']') ++at_;
    if (at_ == begin) fail();
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  // Whatever value stands here.
  void skip() {
    switch (peek()) {
      case '"':
        string();
        return;
      case '{':
        object([](std::string_view, Cursor& value) { value.skip(); });
        return;
      case '[':
        array([](Cursor& element) { element.skip(); });
        return;
      default:
        scalar();
    }
  }

  // Calls visit(key, cursor at the value) for each member; visit moves past the value.
  template <class Visit>
  void object(Visit&& visit) {
    if (!enter('{')) return;
    if (!take('}')) {
      do {
        const std::string_view key = string();
        if (!ok_ || !take(':')) return fail();
        visit(key, *this);
        if (!ok_) return;
      } while (take(','));
      if (!take('}')) return fail();
    }
    --depth_;
  }

  template <class Visit>
  void array(Visit&& visit) {
    if (!enter('[')) return;
    if (!take(']')) {
      do {
        visit(*this);
        if (!ok_) return;
      } while (take(','));
      if (!take(']')) return fail();
    }
    --depth_;
  }

 private:
  void fail() {
    ok_ = false;
    at_ = end_;
  }
  bool enter(char bracket) {
    if (take(bracket) && ++depth_ <= kMaxDepth) return true;
    fail();
    return false;
  }

  const char* at_;
  const char* end_;
  int depth_ = 0;
  bool ok_ = true;
};

// A count of tokens; Google writes small ones as numbers and int64 as strings.
void read_count(Cursor& value, std::int64_t& count) {
  const std::string_view digits = value.peek() == '"' ? value.string() : value.scalar();
  std::int64_t sum = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || sum > INT64_MAX / 10 - 10) return;
    sum = sum * 10 + (c - '0');
  }
  if (!digits.empty()) count = sum;
}

// [{"modality":"TEXT","tokenCount":7},...]: the tokens of the modalities that are priced apart.
template <class IsPriced>
void read_details(Cursor& value, std::int64_t& count, IsPriced&& is_priced) {
  if (value.peek() != '[') return value.skip();
  std::int64_t sum = 0;
  value.array([&](Cursor& element) {
    if (element.peek() != '{') return element.skip();
    bool priced = false;
    std::int64_t tokens = 0;
    element.object([&](std::string_view key, Cursor& member) {
      if (key == "modality" && member.peek() == '"') {
        priced = is_priced(member.string());
      } else if (key == "tokenCount") {
        read_count(member, tokens);
      } else {
        member.skip();
      }
    });
    if (priced) sum += tokens;
  });
  count = sum;
}

void read_usage(Cursor& value, Usage& usage) {
  if (value.peek() != '{') return value.skip();
  value.object([&usage](std::string_view key, Cursor& count) {
    if (key == "promptTokenCount") return read_count(count, usage.prompt);
    if (key == "candidatesTokenCount") return read_count(count, usage.candidates);
    if (key == "totalTokenCount") return read_count(count, usage.total);
    if (key == "thoughtsTokenCount") return read_count(count, usage.thoughts);
    if (key == "cachedContentTokenCount") return read_count(count, usage.cached);
    if (key == "toolUsePromptTokenCount") return read_count(count, usage.tool_prompt);
    if (key == "promptTokensDetails") {
      return read_details(count, usage.audio_prompt,
                          [](std::string_view modality) { return modality == "AUDIO"; });
    }
    if (key == "candidatesTokensDetails") {
      return read_details(count, usage.media_candidates, [](std::string_view modality) {
        return modality == "IMAGE" || modality == "AUDIO";
      });
    }
    count.skip();
  });
}

// Side fields say something about a part's data and are none themselves.
bool is_side_field(std::string_view key) {
  return key == "thoughtSignature" || key == "videoMetadata" || key == "partMetadata" ||
         key == "mediaResolution" || key == "speechMetadata";
}

void read_part(Cursor& value, Tally& tally) {
  if (value.peek() != '{') return value.skip();
  bool data = false;
  bool thought = false;
  value.object([&](std::string_view key, Cursor& member) {
    if (key == "text" && member.peek() == '"') {
      data = !member.string().empty() || data;
    } else if (key == "thought" && member.peek() == 't') {
      thought = member.scalar() == "true";
    } else if (key == "thought") {
      member.skip();
    } else {
      data = data || !is_side_field(key);
      member.skip();
    }
  });
  if (data && !thought) tally.content = true;
}

void read_content(Cursor& value, Tally& tally) {
  if (value.peek() != '{') return value.skip();
  value.object([&tally](std::string_view key, Cursor& member) {
    if (key != "parts" || member.peek() != '[') return member.skip();
    member.array([&tally](Cursor& part) { read_part(part, tally); });
  });
}

// It comes again and grows; of several candidates the most counts.
void read_grounding(Cursor& value, Tally& tally) {
  if (value.peek() != '{') return value.skip();
  value.object([&tally](std::string_view key, Cursor& member) {
    if (key != "webSearchQueries" || member.peek() != '[') return member.skip();
    std::int64_t searches = 0;
    member.array([&searches](Cursor& query) {
      query.skip();
      ++searches;
    });
    tally.usage.searches = std::max(tally.usage.searches, searches);
  });
}

void read_candidate(Cursor& value, Tally& tally) {
  if (value.peek() != '{') return value.skip();
  value.object([&tally](std::string_view key, Cursor& member) {
    if (key == "content") return read_content(member, tally);
    if (key == "groundingMetadata") return read_grounding(member, tally);
    if (key == "finishReason" && member.peek() == '"') {
      tally.finish_reason = member.string().substr(0, kLongestReason);
      tally.finished = true;
      return;
    }
    member.skip();
  });
}

void read_prompt_feedback(Cursor& value, Tally& tally) {
  if (value.peek() != '{') return value.skip();
  value.object([&tally](std::string_view key, Cursor& member) {
    if (key != "blockReason" || member.peek() != '"') return member.skip();
    tally.finish_reason.assign("BLOCKED:").append(member.string().substr(0, kLongestReason));
    tally.finished = true;
  });
}

}  // namespace

bool is_error_chunk(PaddedView json) {
  Cursor cursor(json.view().substr(0, 256));
  cursor.take('[');
  return cursor.take('{') && cursor.peek() == '"' && cursor.string() == "error";
}

Result<> read_chunk(PaddedView json, Tally& tally) {
  Cursor cursor(json.view());
  cursor.object([&tally](std::string_view key, Cursor& member) {
    if (key == "candidates" && member.peek() == '[') {
      return member.array([&tally](Cursor& candidate) { read_candidate(candidate, tally); });
    }
    if (key == "usageMetadata") return read_usage(member, tally.usage);
    if (key == "promptFeedback") return read_prompt_feedback(member, tally);
    member.skip();
  });
  if (cursor.ok() && cursor.at_end()) return {};
  return wasat::fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                                    "The upstream sent a chunk that is not valid JSON."));
}

}  // namespace wasat::gemini
