#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

namespace wasat::observe {
namespace {

constexpr std::size_t kWaitingLines = 512;

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kTrace:
      return spdlog::level::trace;
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// Lines come finished; they only have to go out.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string_view bytes(message.payload.data(), message.payload.size());
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR) return;  // nowhere to complain
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void flush_() override {}

  const int descriptor_;
};

// The inside of a JSON string. Text mode uses it too, so that a value from
// outside can neither end a line nor move the terminal's cursor.
void append_escaped(fmt::memory_buffer& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
}

void append(fmt::memory_buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_time(fmt::memory_buffer& out) {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                 std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count());
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\\") != std::string_view::npos;
}

void append_text_line(fmt::memory_buffer& out, Level level, std::string_view message,
                      Fields fields) {
  append_time(out);
  fmt::format_to(std::back_inserter(out), " {:<5} ", level_name(level));
  append_escaped(out, message);
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(out), " {}=", field.name);
    const bool quotes = needs_quotes(field.value);
    if (quotes) out.push_back('"');
    append_escaped(out, field.value);
    if (quotes) out.push_back('"');
  }
  out.push_back('\n');
}

void append_json_line(fmt::memory_buffer& out, Level level, std::string_view message,
                      Fields fields) {
  append(out, R"({"time":")");
  append_time(out);
  fmt::format_to(std::back_inserter(out), R"(","level":"{}","message":")", level_name(level));
  append_escaped(out, message);
  out.push_back('"');
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(out), R"(,"{}":)", field.name);
    if (!field.bare) out.push_back('"');
    append_escaped(out, field.value);
    if (!field.bare) out.push_back('"');
  }
  append(out, "}\n");
}

}  // namespace

struct Log::Sink {
  Sink(Level level, int descriptor)
      : writer(std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1)),
        logger(std::make_shared<spdlog::async_logger>(
            "wasat", std::make_shared<DescriptorSink>(descriptor), writer,
            spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_level(spdlog_level(level));
  }
  // The writer's thread, which refers to the logger, ends first: it waits for what is in
  // its queue.
  ~Sink() { writer.reset(); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::async_logger> logger;
};

Log::Log(Level level, Format format) : Log(level, format, STDERR_FILENO) {}

Log::Log(Level level, Format format, int descriptor)
    : sink_(std::make_unique<Sink>(level, descriptor)), format_(format) {}

Log::~Log() = default;

bool Log::writes(Level level) const { return sink_->logger->should_log(spdlog_level(level)); }

void Log::set_level(Level level) { sink_->logger->set_level(spdlog_level(level)); }

void Log::write(Level level, std::string_view message, Fields fields) {
  if (!writes(level)) return;
  fmt::memory_buffer line;
  if (format_ == Format::kJson) {
    append_json_line(line, level, message, fields);
  } else {
    append_text_line(line, level, message, fields);
  }
  sink_->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kTrace:
      return "trace";
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
    case Level::kOff:
      return "off";
  }
  return "info";
}

Level level_of(std::string_view name) {
  for (const Level level :
       {Level::kTrace, Level::kDebug, Level::kWarn, Level::kError, Level::kOff}) {
    if (level_name(level) == name) return level;
  }
  return Level::kInfo;
}

}  // namespace wasat::observe
