#include "gateway/record.h"

#include <array>
#include <charconv>
#include <cstring>
#include <ctime>
#include <string>

#include "json/writer.h"

namespace wasat::gateway {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kMostErrorText = 500;

// "2026-11-21T07:00:00.123Z"
std::string_view timestamp(std::chrono::system_clock::time_point wall) {
  static thread_local std::array<char, 32> text;
  static thread_local std::time_t made_for = -1;
  const auto since = wall.time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  if (seconds != made_for) {
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    made_for = seconds;
  }
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
  text[20] = static_cast<char>('0' + milliseconds / 100);
  text[21] = static_cast<char>('0' + milliseconds / 10 % 10);
  text[22] = static_cast<char>('0' + milliseconds % 10);
  return {text.data(), 24};
}

// Members of one flat object, written to where there is room for them. This runs for every
// exchange, so it knows what the general writer has to find out: names are literals, some
// values are ours, and hardly any needs escaping.
class Line {
 public:
  // Room for what lines have in common: names, numbers, and values of ours.
  static constexpr std::size_t kOwnRoom = 1024;
  // Room for a foreign value: an escaped byte takes six.
  static constexpr std::size_t room_for(std::string_view foreign) { return 6 * foreign.size(); }

  explicit Line(char* out) : out_(out) {}

  // `name` is `,"name":`, or `{"name":` for the first. Values of ours need no escaping.
  void own(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    put(name);
    *out_++ = '"';
    put(value);
    *out_++ = '"';
  }
  void foreign(std::string_view name, std::string_view value) {
    if (json::is_plain(value)) return own(name, value);
    put(name);
    std::string escaped;
    json::append_string(escaped, value);
    put(escaped);
  }
  void number(std::string_view name, std::int64_t value) {
    put(name);
    out_ = std::to_chars(out_, out_ + 24, value).ptr;
  }
  void number_if(std::string_view name, std::int64_t value) {
    if (value != 0) number(name, value);
  }
  char* end() {
    *out_++ = '}';
    return out_;
  }

 private:
  void put(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }
  char* out_;
};

}  // namespace

namespace {

char* write_line(char* out, const Record& record, std::chrono::system_clock::time_point wall,
                 std::chrono::steady_clock::time_point now) {
  const auto since_start = [&record](std::chrono::steady_clock::time_point time) {
    return std::int64_t{std::chrono::duration_cast<microseconds>(time - record.started).count()};
  };
  Line line(out);
  line.own(R"({"time":)", timestamp(wall));
  line.own(R"(,"id":)", record.id);
  line.foreign(R"(,"client":)", record.client);
  line.foreign(R"(,"token":)", record.token);
  line.own(R"(,"dialect":)", record.dialect);
  line.foreign(R"(,"method":)", record.method);
  line.foreign(R"(,"path":)", record.path);
  line.number(R"(,"status":)", record.status);
  line.own(R"(,"outcome":)", record.outcome);
  line.foreign(R"(,"model":)", record.model);
  if (record.upstream_model != record.model) {
    line.foreign(R"(,"upstream_model":)", record.upstream_model);
  }
  line.own(R"(,"provider":)", record.provider);
  line.foreign(R"(,"credential":)", record.credential);
  line.number_if(R"(,"attempts":)", record.attempts);
  const gemini::Usage& usage = record.tally.usage;
  line.number_if(R"(,"prompt_tokens":)", usage.prompt + usage.tool_prompt);
  line.number_if(R"(,"cached_tokens":)", usage.cached);
  line.number_if(R"(,"output_tokens":)", usage.candidates);
  line.number_if(R"(,"thought_tokens":)", usage.thoughts);
  line.foreign(R"(,"finish_reason":)", record.tally.finish_reason);
  if (record.first_byte != std::chrono::steady_clock::time_point()) {
    line.number(R"(,"first_byte_us":)", since_start(record.first_byte));
  }
  line.number(R"(,"duration_us":)", since_start(now));
  line.number(R"(,"bytes_in":)", static_cast<std::int64_t>(record.bytes_in));
  line.number(R"(,"bytes_out":)", static_cast<std::int64_t>(record.bytes_out));
  line.number_if(R"(,"frames_in":)", static_cast<std::int64_t>(record.frames_in));
  line.number_if(R"(,"frames_out":)", static_cast<std::int64_t>(record.frames_out));
  line.foreign(R"(,"error":)", std::string_view(record.error).substr(0, kMostErrorText));
  return line.end();
}

}  // namespace

void append_log_line(std::string& out, const Record& record,
                     std::chrono::system_clock::time_point wall,
                     std::chrono::steady_clock::time_point now) {
  std::size_t room = Line::kOwnRoom;
  for (const std::string_view foreign :
       {std::string_view(record.client), std::string_view(record.token),
        std::string_view(record.method), std::string_view(record.path),
        std::string_view(record.model), std::string_view(record.upstream_model),
        std::string_view(record.credential), std::string_view(record.tally.finish_reason),
        std::string_view(record.error).substr(0, kMostErrorText)}) {
    room += Line::room_for(foreign);
  }
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
    return static_cast<std::size_t>(write_line(data + before, record, wall, now) - data);
  });
}

void count_exchange(observe::Shard& metrics, const observe::LabelLists& labels,
                    const Record& record, const Result<>& result,
                    std::chrono::steady_clock::time_point now) {
  using observe::Metric;
  const std::uint16_t dialect = observe::label_value(observe::Label::kDialect, record.dialect);
  const std::uint16_t model = labels.model(record.upstream_model);
  const std::uint16_t outcome =
      result ? observe::kOutcomeOk : observe::outcome_value(result.error().kind);
  metrics.count(Metric::kRequests, {dialect, model, outcome});
  metrics.observe(Metric::kRequestDuration, now - record.started, {dialect, outcome});
  if (record.first_byte != std::chrono::steady_clock::time_point()) {
    metrics.observe(Metric::kTimeToFirstToken, record.first_byte - record.started,
                    {dialect, model});
  }
  const gemini::Usage& usage = record.tally.usage;
  const auto tokens = [&](observe::TokenType type, std::int64_t n) {
    if (n > 0) {
      metrics.count(Metric::kTokens, {model, static_cast<std::uint16_t>(type)},
                    static_cast<std::uint64_t>(n));
    }
  };
  tokens(observe::TokenType::kInput, usage.prompt + usage.tool_prompt);
  tokens(observe::TokenType::kOutput, usage.candidates);
  tokens(observe::TokenType::kCached, usage.cached);
  tokens(observe::TokenType::kReasoning, usage.thoughts);
}

}  // namespace wasat::gateway
