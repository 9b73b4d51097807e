// The phase in which an upstream's chunks become the client's answer: pulled
// frame by frame, so that what the client does not take is not read.

#include "gateway/exchange.h"
#include "gateway/settle.h"
#include "gemini/call_edit.h"

namespace wasat::gateway {

using provider::Attempt;
using provider::Batch;

namespace {

// Of a stream that has shown nothing a client would miss: thoughts. Up to here
// another credential may still answer; then the client wants to see that it goes on.
constexpr std::size_t kMostHeldBack = 64 * 1024;
constexpr std::chrono::seconds kLongestHeldBack{1};
// Answers that continue, and the requests that are kept so that they can.
constexpr int kMostRounds = 16;
constexpr std::size_t kMostKept = 1u << 20;

Error empty_answer() {
  return upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                        "the upstream's answer was empty");
}

Error cut_off() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "the upstream ended its stream without a finish reason");
}

bool is_one_of(std::string_view reason, std::initializer_list<std::string_view> reasons) {
  return std::ranges::find(reasons, reason) != reasons.end();
}

// The prompt is the same one in every round.
gemini::Usage joined(const gemini::Usage& first, const gemini::Usage& more) {
  gemini::Usage sum = first;
  sum.candidates += more.candidates;
  sum.thoughts += more.thoughts;
  sum.media_candidates += more.media_candidates;
  sum.searches += more.searches;
  sum.total = sum.prompt + sum.tool_prompt + sum.candidates + sum.thoughts;
  return sum;
}

}  // namespace

// One call, and what its answer asks to be continued by (finishReason CONTINUATION).
Task<Result<>> Exchange::answer_one(gemini::Call& call, Attempts& attempts) {
  std::optional<Body> whole;
  gemini::Usage usage;
  Result<> result;
  for (int round = 1;; ++round) {
    if (streams_) heartbeat_.on(written_);
    Result<Answering> answering = co_await attempts.answer(call);
    heartbeat_.off();
    if (heartbeat_.beating()) co_await heartbeat_.ended();
    if (!answering) {
      result = fail(std::move(answering.error()));
      break;
    }
    result = co_await (answering->first.partial ? pass_pieces(*answering, call)
                                                : pass_chunks(*answering, call));
    settle_answer(answering->lease, result);
    gemini::Tally& tally = record_.tally;
    if (result && round > 1) tally.usage = joined(usage, tally.usage);
    if (!result || tally.finish_reason != "CONTINUATION" || tally.continuation.empty() ||
        is_native() || call.body.empty() || round == kMostRounds) {
      break;
    }
    if (!whole) whole = call.body;
    call.body = gemini::with_continuation(*whole, tally.continuation);
    usage = std::exchange(tally.usage, {});
    tally.continuation.clear();
    tally.finish_reason.clear();
    tally.finished = false;
    attempts.stay();
  }
  if (whole) call.body = std::move(*whole);
  co_return result;
}

// A stream that failed was settled where it showed. An answer that turns out to be nothing, or
// half of one, is a failure as well; what is left is the model's or the client's part.
[[gnu::noinline]] void Exchange::settle_answer(pool::Lease& lease, const Result<>& result) const {
  if (!result && result.error().source == ErrorSource::kUpstream &&
      (says_nothing() || !record_.tally.finished)) {
    const gemini::Failure failure{.error = result.error()};
    Attempts::settle_failure(lease, failure);
  }
  lease.settle(result ? pool::Outcome::success() : pool::Outcome::abandoned());
}

// Up to the end of one upstream's answer; what is left in out_ waits for finish_answer().
Task<Result<>> Exchange::pass_chunks(Answering& answering, gemini::Call& call) {
  Batch batch = answering.first;
  for (;;) {
    if (Result<> encoded =
            encoder_->heavy() ? co_await encode_aside(batch.frames) : encode(batch.frames);
        !encoded) {
      co_return encoded;
    }
    // What is no stream comes in one chunk.
    if (batch.ended || !streams_) co_return judge_end();
    if (streams_ && !said_ && is_time_to_speak()) {
      note_first_byte();
      begin_stream();
      let_go_of_request(call);
      said_ = true;
    }
    if (said_ && !out_.empty()) {
      remember();
      // Who gets a link follows it at once.
      if (!record_.tally.media.empty()) {
        if (Result<> kept = co_await keep_media(); !kept) co_return kept;
      }
      keep_answer(out_);
      if (Result<> written = co_await response_.write(out_); !written) {
        lost_ = true;
        co_return written;
      }
      out_.clear();
    }
    const Clock::Steady now = shared_.clock.now();
    if (said_) written_ = now;
    if (streams_) heartbeat_.on(written_);
    Attempt<Batch> next = co_await answering.stream->next(now + options_->stream_idle_timeout);
    heartbeat_.off();
    if (heartbeat_.beating()) co_await heartbeat_.ended();
    if (!next || next->idle) co_return fail(broken_off(answering.lease, next));
    batch = *next;
  }
}

// Why there is no more. (Not a part of pass_chunks(), whose frame each stream holds while it
// waits.)
[[gnu::noinline]] Error Exchange::broken_off(pool::Lease& lease, const Attempt<Batch>& next) {
  const gemini::Failure failure =
      next ? gemini::Failure{.error =
                                 upstream_error(ErrorKind::kTimeout, Retry::kNever,
                                                "the upstream stopped in the middle of its answer")}
           : next.error();
  Attempts::settle_failure(lease, failure);
  return failure.error;
}

[[gnu::noinline]] Result<> Exchange::encode(std::span<const gemini::Frame> frames) {
  for (const gemini::Frame& frame : frames) {
    if (Result<> encoded = encode(frame); !encoded) return encoded;
  }
  return {};
}

Result<> Exchange::encode(const gemini::Frame& frame) {
  if (call_number_ == 0) return encoder_->frame(frame, record_.tally, out_);
  gemini::Frame numbered = frame;
  numbered.call = call_number_;
  return encoder_->frame(numbered, record_.tally, out_);
}

Task<Result<>> Exchange::encode_aside(std::span<const gemini::Frame> frames) {
  Result<> encoded;
  auto work = [this, frames, &encoded] {
    for (const gemini::Frame& frame : frames) {
      if (encoded) encoded = encode(frame);
    }
  };
  co_await shared_.compute.run(worker_.loop, std::move(work));
  co_return encoded;
}

// An answer that ended in good order: whether it can go to the client.
Result<> Exchange::judge_end() {
  const gemini::Tally& tally = record_.tally;
  if (says_nothing()) return fail(empty_answer());
  if (streams_ && !tally.finished) return fail(cut_off());
  if (!generates_ || said_ || tally.content) return {};
  const std::string_view reason = tally.finish_reason;
  if (is_one_of(reason, {"MISSING_THOUGHT_SIGNATURE", "TOO_MANY_TOOL_CALLS"}) &&
      !has_mended(gemini::Remedy::kWithoutSignatures)) {
    attempts_.suggest(gemini::Remedy::kWithoutSignatures);
    return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                               "the upstream ended its answer with " + std::string(reason)));
  }
  // The model botched its own answer: mostly it does better the second time, and
  // hardly ever the third.
  if (!is_one_of(reason, {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE",
                          "OTHER"})) {
    return {};
  }
  Error error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                               "the upstream ended its answer with " + std::string(reason));
  if (botched_ || !attempts_.may_try_again(error)) {
    last_word_ = true;
    return {};
  }
  botched_ = true;
  return fail(std::move(error));
}

// The answer is complete and well, but there is nothing in it.
bool Exchange::says_nothing() const {
  const gemini::Tally& tally = record_.tally;
  return generates_ && !tally.content &&
         (tally.finish_reason == "STOP" || (!tally.finished && tally.finish_reason.empty()));
}

// Nothing is sent before there is something to say: so far another may still answer.
bool Exchange::is_time_to_speak() {
  if (record_.tally.content) return true;
  if (out_.empty()) return false;
  const Clock::Steady now = shared_.clock.now();
  if (held_since_ == Clock::Steady()) held_since_ = now;
  return out_.size() > kMostHeldBack || now - held_since_ >= kLongestHeldBack;
}

void Exchange::begin_stream() {
  if (response_.started()) return;
  record_.status = 200;
  response_.start(200, headers(encoder_->content_type(), true));
}

// A stream may be long. From here on nobody asks again, but for the continuation.
void Exchange::let_go_of_request(gemini::Call& call) {
  body_.reset();
  if (call_number_ != 0 || !call.more.empty()) return;
  parsed_.reset();
  findings_ = {};
  if (is_native() || call.body.size() > kMostKept) call.body = {};
}

Task<Result<>> Exchange::finish_answer() {
  Result<> finished;
  // What was passed on in pieces is the answer.
  if (streams_ || !said_) {
    finished = encoder_->heavy() ? co_await finish_aside() : encoder_->finish(record_.tally, out_);
  }
  if (finished && !record_.tally.media.empty()) finished = co_await keep_media();
  if (!finished) co_return finished;
  if (!said_) note_first_byte();
  said_ = true;
  remember();
  keep_answer(out_);
  if (allowance_.is_open()) settle_limits(worker_, allowance_, record_, {}, false);
  if (streams_ || response_.started()) {
    begin_stream();
    finished = co_await response_.finish(out_);
  } else {
    record_.status = 200;
    finished = co_await response_.send(200, headers(encoder_->content_type(), false), out_);
  }
  lost_ = !finished;
  co_return finished;
}

// Before the client has the bytes: it may come back at once, to another worker. Also of a stream
// that breaks later: the client may have the calls, and come back with their results.
void Exchange::remember() {
  if (record_.tally.memos.empty()) return;
  shared_.memory.put(token_->id, std::exchange(record_.tally.memos, {}));
}

// What the answer links to, before its last byte goes out.
Task<Result<>> Exchange::keep_media() {
  Result<> kept;
  const std::string& base = answer_context_.media_base;
  const std::string name = base.substr(base.rfind('/') + 1);
  auto work = [this, &name, &kept] {
    for (const gemini::Media& media : std::exchange(record_.tally.media, {})) {
      if (kept) kept = shared_.media.keep(name + media.suffix, media.base64);
    }
  };
  co_await shared_.compute.run(worker_.loop, std::move(work));
  co_return kept;
}

Task<Result<>> Exchange::finish_aside() {
  Result<> finished;
  auto work = [this, &finished] { finished = encoder_->finish(record_.tally, out_); };
  co_await shared_.compute.run(worker_.loop, std::move(work));
  co_return finished;
}

// The first one begins the answer; failover stays possible all the same.
Task<Result<>> Exchange::beat() {
  std::string pulse;
  encoder_->heartbeat(pulse);
  if (pulse.empty()) co_return Result<>{};
  begin_stream();
  co_return co_await response_.write(pulse);
}

}  // namespace wasat::gateway
