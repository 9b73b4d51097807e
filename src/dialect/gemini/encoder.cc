#include "dialect/gemini/encoder.h"

#include <chrono>

#include "gemini/error_body.h"
#include "gemini/errors.h"
#include "gemini/frames.h"

namespace wasat::dialect::native {
namespace {

constexpr std::string_view kJson = "application/json; charset=UTF-8";

// What all three have in common: every chunk is looked at before it goes out.
class NativeEncoder : public Encoder {
 public:
  NativeEncoder(gemini::Method method, std::int64_t now)
      : generates_(method == gemini::Method::kGenerateContent ||
                   method == gemini::Method::kStreamGenerateContent),
        now_(now) {}

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) final {
    if (gemini::is_error_chunk(frame.json)) {
      const gemini::SystemTime now{std::chrono::seconds(now_)};
      return fail(
          gemini::classify({.status = 200, .body = frame.json, .retry_after = {}, .now = now})
              .error);
    }
    if (Result<> read = gemini::read_chunk(frame.json, tally); !read) return read;
    if (!generates_) {
      tally.content = true;
      tally.finished = true;
    }
    ++frames_;
    append(frame, out);
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) final {
    if (frames_ == 0) {
      return fail(upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                 "The upstream answered with nothing."));
    }
    end(out);
    return {};
  }

 protected:
  virtual void append(const gemini::Frame& frame, std::string& out) = 0;
  virtual void end(std::string& out) = 0;
  std::size_t frames() const { return frames_; }

 private:
  bool generates_;
  std::int64_t now_;
  std::size_t frames_ = 0;
};

class SseEncoder : public NativeEncoder {
 public:
  using NativeEncoder::NativeEncoder;
  std::string_view content_type() const override { return "text/event-stream"; }
  void error(const Error& error, std::string& out) override {
    out += "data: ";
    gemini::append_error_body(out, error);
    out += "\r\n\r\n";
  }
  void heartbeat(std::string& out) override { out += ": keepalive\r\n\r\n"; }

 protected:
  void append(const gemini::Frame& frame, std::string& out) override {
    if (frame.wire.data() != frame.json.view().data()) {
      out += frame.wire;
      // A last event without its blank line is lost in clients.
      if (!out.ends_with("\n\n") && !out.ends_with("\r\n\r\n")) out += "\r\n\r\n";
      return;
    }
    // Not from an event stream, so it may be spread over lines. In JSON a line's
    // end stands between tokens only.
    out += "data: ";
    std::string_view json = frame.json.view();
    while (!json.empty()) {
      const std::size_t line = std::min(json.find_first_of("\r\n"), json.size());
      out += json.substr(0, line);
      json.remove_prefix(std::min(line + 1, json.size()));
    }
    out += "\r\n\r\n";
  }
  void end(std::string&) override {}
};

// Google's form: [{...}\n,\r\n{...}]; a relay's: [\n  {...},\n  {...}\n]
class ArrayEncoder : public NativeEncoder {
 public:
  using NativeEncoder::NativeEncoder;
  std::string_view content_type() const override { return kJson; }
  void error(const Error& error, std::string& out) override {
    out += frames() == 0 ? form_->begin : form_->between;
    gemini::append_error_body(out, error);
    out += form_->end;
  }
  void heartbeat(std::string& out) override { out += '\n'; }

 protected:
  void append(const gemini::Frame& frame, std::string& out) override {
    if (frames() == 1 && frame.by_relay) form_ = &kOfRelays;
    out += frames() == 1 ? form_->begin : form_->between;
    out += frame.json.view();
  }
  void end(std::string& out) override { out += form_->end; }

 private:
  struct Form {
    std::string_view begin;
    std::string_view between;
    std::string_view end;
  };
  static constexpr Form kGoogles{"[", "\n,\r\n", "]"};
  static constexpr Form kOfRelays{"[\n  ", ",\n  ", "\n]"};

  const Form* form_ = &kGoogles;
};

class UnaryEncoder : public NativeEncoder {
 public:
  using NativeEncoder::NativeEncoder;
  std::string_view content_type() const override { return kJson; }
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 protected:
  void append(const gemini::Frame& frame, std::string&) override { answer_ = frame.wire; }
  void end(std::string& out) override { out.empty() ? out.swap(answer_) : void(out += answer_); }

 private:
  std::string answer_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(gemini::Method method, Framing framing,
                                      const AnswerContext& context) {
  switch (framing) {
    case Framing::kSse:
      return std::make_unique<SseEncoder>(method, context.created);
    case Framing::kArray:
      return std::make_unique<ArrayEncoder>(method, context.created);
    case Framing::kUnary:
      break;
  }
  return std::make_unique<UnaryEncoder>(method, context.created);
}

}  // namespace wasat::dialect::native
