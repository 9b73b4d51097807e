#include "gateway/record.h"

#include <array>
#include <ctime>

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

void member_if(json::Writer& writer, std::string_view name, std::string_view text) {
  if (!text.empty()) writer.member(name, text);
}

void member_if(json::Writer& writer, std::string_view name, std::int64_t number) {
  if (number != 0) writer.member(name, number);
}

}  // namespace

void append_log_line(std::string& out, const Record& record,
                     std::chrono::system_clock::time_point wall,
                     std::chrono::steady_clock::time_point now) {
  const auto since_start = [&record](std::chrono::steady_clock::time_point time) {
    return std::int64_t{std::chrono::duration_cast<microseconds>(time - record.started).count()};
  };
  json::Writer writer(out);
  writer.begin_object();
  writer.member("time", timestamp(wall));
  writer.member("id", record.id);
  writer.member("client", record.client);
  member_if(writer, "token", record.token);
  member_if(writer, "dialect", record.dialect);
  member_if(writer, "method", record.method);
  writer.member("path", record.path);
  writer.member("status", record.status);
  writer.member("outcome", record.outcome);
  member_if(writer, "model", record.model);
  if (record.upstream_model != record.model) {
    member_if(writer, "upstream_model", record.upstream_model);
  }
  member_if(writer, "provider", record.provider);
  member_if(writer, "credential", record.credential);
  member_if(writer, "attempts", std::int64_t{record.attempts});
  const gemini::Usage& usage = record.tally.usage;
  member_if(writer, "prompt_tokens", usage.prompt + usage.tool_prompt);
  member_if(writer, "cached_tokens", usage.cached);
  member_if(writer, "output_tokens", usage.candidates);
  member_if(writer, "thought_tokens", usage.thoughts);
  member_if(writer, "finish_reason", record.tally.finish_reason);
  if (record.first_byte != std::chrono::steady_clock::time_point()) {
    writer.member("first_byte_us", since_start(record.first_byte));
  }
  writer.member("duration_us", since_start(now));
  writer.member("bytes_in", static_cast<std::int64_t>(record.bytes_in));
  writer.member("bytes_out", static_cast<std::int64_t>(record.bytes_out));
  member_if(writer, "error", std::string_view(record.error).substr(0, kMostErrorText));
  writer.end_object();
}

}  // namespace wasat::gateway
