#include "simulator/delivery.h"

#include <array>

#include "simulator/google_json.h"

namespace wasat::simulator {
namespace {

using dialect::native::Framing;

// What Google's front end sends beside the content type. Web pages of every origin may read
// its answers.
std::vector<http::Header> headers_for(std::string_view content_type, std::string_view origin) {
  std::vector<http::Header> headers = {{"content-type", content_type},
                                       {"vary", "Origin, X-Origin, Referer"},
                                       {"server", "scaffolding on HTTPServer2"},
                                       {"x-content-type-options", "nosniff"},
                                       {"server-timing", "gfet4t7; dur=1"}};
  if (!origin.empty()) headers.push_back({"access-control-allow-origin", origin});
  return headers;
}

std::string joined(const Outcome& outcome) {
  std::string text;
  text.reserve(outcome.size());
  for (const std::string& frame : outcome.frames) text += frame;
  text += outcome.tail;
  return text;
}

Outcome replaced(const Outcome& outcome, Fault fault, Framing framing) {
  Outcome other{.status = 200, .content_type = outcome.content_type, .frames = {}, .tail = {}};
  if (fault == Fault::kGarbage) {
    other.content_type = "text/html; charset=UTF-8";
    other.frames.push_back("<html><body>Welcome to the hotel's network</body></html>\n");
    return other;
  }
  if (fault == Fault::kEmpty) {
    if (framing == Framing::kUnary) other.frames.push_back("{}\n");
    if (framing == Framing::kArray) other.frames.push_back("[]");
    return other;
  }
  const GoogleError error = refusal_of(fault, "", "");
  other.frames.push_back(framing == Framing::kSse ? framed(error.body, framing, true)
                                                  : refusal_text(error, framing));
  return other;
}

// The first chunk, and an error behind it.
Outcome with_error(Outcome outcome, Fault fault, Framing framing) {
  const GoogleError error = refusal_of(fault, "", "");
  if (framing == Framing::kUnary) return replaced(outcome, fault, framing);
  if (fault == Fault::kErrorEvent) {
    outcome.frames.resize(1);
    outcome.frames.push_back(framed(error.body, framing, false));
    return outcome;
  }
  outcome.frames.pop_back();
  outcome.frames.push_back(pretty(error.body));
  outcome.tail = {};
  return outcome;
}

}  // namespace

State::Ending Delivery::ending(bool written) const {
  const bool there = written && !request_.departed().requested();
  return there ? State::Ending::kAnswered : State::Ending::kClientLeft;
}

Task<bool> Delivery::pause(std::chrono::milliseconds duration) {
  if (duration.count() == 0) co_return true;
  co_return co_await net::sleep_for(loop_, duration, &request_.departed());
}

void Delivery::start(const Outcome& outcome) {
  const auto headers = headers_for(outcome.content_type, request_.header("origin"));
  response_.start(outcome.status, headers);
}

Task<State::Ending> Delivery::deliver(Outcome outcome, std::optional<Strike> strike) {
  if (!co_await pause(options_.first_chunk_delay)) co_return State::Ending::kClientLeft;
  const bool ok = outcome.status == 200;
  if (!strike || !ok) {
    if (!ok || framing_ == Framing::kUnary) co_return co_await whole(std::move(outcome));
    co_return co_await frames(std::move(outcome), std::nullopt);
  }
  switch (strike->fault) {
    case Fault::kClose:
    case Fault::kCloseReused:
      response_.abort();
      co_return State::Ending::kCut;
    case Fault::kReset:
    case Fault::kTorn:
      co_return co_await broken(std::move(outcome), strike->fault == Fault::kTorn);
    case Fault::kDrip:
      co_return co_await drip(std::move(outcome));
    case Fault::kHuge:
      co_return co_await huge(strike->bytes);
    case Fault::kErrorInOk:
    case Fault::kGarbage:
    case Fault::kEmpty: {
      Outcome other = replaced(outcome, strike->fault, framing_);
      co_return co_await whole(std::move(other));
    }
    case Fault::kErrorEvent:
    case Fault::kBareError: {
      Outcome other = with_error(std::move(outcome), strike->fault, framing_);
      co_return co_await frames(std::move(other), std::nullopt);
    }
    case Fault::kStall:
      if (!co_await pause(strike->duration)) co_return State::Ending::kClientLeft;
      co_return co_await frames(std::move(outcome), std::nullopt);
    default:
      co_return co_await frames(std::move(outcome), strike);
  }
}

Task<State::Ending> Delivery::whole(Outcome outcome) {
  const auto headers = headers_for(outcome.content_type, request_.header("origin"));
  const std::string body = joined(outcome);
  const Result<> sent = co_await response_.send(outcome.status, headers, body);
  co_return ending(sent.has_value());
}

Task<State::Ending> Delivery::frames(Outcome outcome, std::optional<Strike> strike) {
  const bool slow = strike && strike->fault == Fault::kSlow;
  const bool stalls = strike && strike->fault == Fault::kStallMid;
  if (framing_ == Framing::kUnary) {
    if (!slow && !stalls) co_return co_await whole(std::move(outcome));
    const std::string text = joined(outcome);  // it, too, has a middle
    outcome.frames = {text.substr(0, text.size() / 2), text.substr(text.size() / 2)};
  }
  start(outcome);
  for (std::size_t i = 0; i < outcome.frames.size(); ++i) {
    std::chrono::milliseconds wait = i == 0 ? std::chrono::milliseconds(0) : options_.chunk_delay;
    if (slow || (stalls && i == 1)) wait += strike->duration;
    if (!co_await pause(wait)) co_return State::Ending::kClientLeft;
    const bool last = i + 1 == outcome.frames.size();
    if (last) outcome.frames[i] += outcome.tail;
    const Result<> written = last ? co_await response_.finish(outcome.frames[i])
                                  : co_await response_.write(outcome.frames[i]);
    if (!written) co_return State::Ending::kClientLeft;
  }
  if (outcome.frames.empty()) {
    const Result<> written = co_await response_.finish(outcome.tail);
    co_return ending(written.has_value());
  }
  co_return State::Ending::kAnswered;
}

// Ends in the middle of the second chunk, or of the only one.
Task<State::Ending> Delivery::broken(Outcome outcome, bool cleanly) {
  start(outcome);
  const std::size_t cut = outcome.frames.size() > 1 ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < cut; ++i) text += outcome.frames[i];
  text += outcome.frames[cut].substr(0, outcome.frames[cut].size() / 2);
  if (cleanly) {
    const Result<> written = co_await response_.finish(text);
    co_return ending(written.has_value());
  }
  const Result<> written = co_await response_.write(text);
  response_.abort();
  co_return written ? State::Ending::kCut : State::Ending::kClientLeft;
}

Task<State::Ending> Delivery::drip(Outcome outcome) {
  start(outcome);
  const std::string text = joined(outcome);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Result<> written = co_await response_.write(std::string_view(text).substr(i, 1));
    if (!written) co_return State::Ending::kClientLeft;
  }
  const Result<> written = co_await response_.finish();
  co_return ending(written.has_value());
}

// Never in memory as a whole.
Task<State::Ending> Delivery::huge(std::size_t bytes) {
  constexpr std::string_view kOpening = R"({"candidates":[{"content":{"parts":[{"text":")";
  constexpr std::string_view kMiddle = R"("}],"role":"model"},"index":0)";
  constexpr std::string_view kClosing =
      R"(,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"totalTokenCount":1},)"
      R"("modelVersion":"simulated"})";
  constexpr std::size_t kStep = 64 * 1024;
  const bool streams = framing_ != Framing::kUnary;
  Outcome head{.status = 200,
               .content_type = framing_ == Framing::kSse ? "text/event-stream"
                                                         : "application/json; charset=UTF-8",
               .frames = {},
               .tail = {}};
  start(head);
  std::string text;
  while (text.size() < kStep) text += "All work and no play. ";
  text.resize(kStep);
  std::string frame;
  if (!streams) {
    const Result<> written = co_await response_.write(kOpening);
    if (!written) co_return State::Ending::kClientLeft;
  }
  bool first = true;
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t step = std::min(left, kStep);
    left -= step;
    frame = text.substr(0, step);
    if (streams) {
      std::string chunk(kOpening);
      chunk.append(frame).append(kMiddle);
      chunk.append(left == 0 ? kClosing : std::string_view("}]}"));
      frame = framed(chunk, framing_, std::exchange(first, false));
    }
    const Result<> written = co_await response_.write(frame);
    if (!written) co_return State::Ending::kClientLeft;
  }
  frame = framing_ == Framing::kArray ? "]" : "";
  if (!streams) frame.append(kMiddle).append(kClosing);
  const Result<> written = co_await response_.finish(frame);
  co_return ending(written.has_value());
}

}  // namespace wasat::simulator
