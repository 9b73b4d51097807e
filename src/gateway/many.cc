// Several calls whose answers make one (Call::more): one behind the other for a
// stream, else some at the same time. Each fails over for itself.

#include "gateway/exchange.h"
#include "gateway/together.h"
#include "gemini/frames.h"

namespace wasat::gateway {
namespace {

constexpr std::size_t kMostAtOnce = 4;

void add(gemini::Usage& sum, const gemini::Usage& more) {
  sum.prompt += more.prompt;
  sum.candidates += more.candidates;
  sum.thoughts += more.thoughts;
  sum.tool_prompt += more.tool_prompt;
  sum.cached += more.cached;
  sum.total += more.total;
  sum.audio_prompt += more.audio_prompt;
  sum.media_candidates += more.media_candidates;
  sum.images += more.images;
  sum.seconds += more.seconds;
  sum.searches += more.searches;
}

// What all have shown, when `next` comes behind `sum`.
void add(gemini::Tally& sum, gemini::Tally next) {
  add(sum.usage, next.usage);
  sum.content = sum.content || next.content;
  sum.finished = next.finished;
  sum.finish_reason = std::move(next.finish_reason);
  sum.continuation.clear();
  sum.media.insert(sum.media.end(), std::make_move_iterator(next.media.begin()),
                   std::make_move_iterator(next.media.end()));
  sum.memos.insert(sum.memos.end(), std::make_move_iterator(next.memos.begin()),
                   std::make_move_iterator(next.memos.end()));
}

// One of several calls.
struct One {
  One(const Shared& shared, Worker& worker, const Options& options, Record& record,
      const account::Token& token, gemini::Call& its_call)
      : call(its_call), attempts(shared, worker, options, record, cancel) {
    attempts.work_for(token);
  }

  gemini::Call& call;
  Cancel cancel;
  Attempts attempts;
  std::optional<Result<Answering>> answer;
};

// Whether a model's whole answer has nothing in it: that is seen before it is
// given to the encoder, since only this call is to be repeated.
bool is_empty(const provider::Batch& batch) {
  gemini::Tally tally;
  for (const gemini::Frame& frame : batch.frames) {
    if (!gemini::read_chunk(frame.json, tally)) return true;
  }
  return !tally.content && (tally.finish_reason == "STOP" || !tally.finished);
}

Task<> pursue(One& one, bool generates) {
  for (;;) {
    one.answer.emplace(co_await one.attempts.answer(one.call));
    if (!*one.answer || !generates || !is_empty((*one.answer)->first)) co_return;
    Error error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                 "the upstream's answer was empty");
    const gemini::Failure failure{.error = error};
    Attempts::settle_failure((*one.answer)->lease, failure);
    if (!one.attempts.may_try_again(error)) {
      one.answer.emplace(fail(std::move(error)));
      co_return;
    }
    one.answer.reset();
    one.attempts.failed(std::move(error));
  }
}

}  // namespace

Task<Result<>> Exchange::answer_in_turn(gemini::Call& call) {
  gemini::Tally sum;
  Result<> result;
  for (std::size_t i = 0; i <= call.more.size() && result; ++i) {
    Attempts attempts(shared_, worker_, *options_, record_, request_.departed());
    attempts.work_for(*token_);
    attempts.set_deadline(shared_.clock.now() + options_->first_byte_timeout);
    call_number_ = static_cast<std::uint32_t>(i);
    gemini::Call& one = i == 0 ? call : call.more[i - 1];
    result = co_await answer_one(one, attempts);
    // Nothing was said, so this is the first of them.
    while (!result && !said_ && !last_word_ && attempts.may_try_again(result.error())) {
      attempts.failed(std::move(result.error()));
      encoder_ = parsed_->encoder(answer_context_);
      record_.tally = {};
      out_.clear();
      result = co_await answer_one(one, attempts);
    }
    add(sum, std::exchange(record_.tally, {}));
  }
  call_number_ = 0;
  record_.tally = std::move(sum);
  co_return result;
}

Task<Result<>> Exchange::answer_together(gemini::Call& call) {
  std::vector<std::unique_ptr<One>> all;
  all.reserve(call.more.size() + 1);
  for (std::size_t i = 0; i <= call.more.size(); ++i) {
    all.push_back(std::make_unique<One>(shared_, worker_, *options_, record_, *token_,
                                        i == 0 ? call : call.more[i - 1]));
    all.back()->attempts.set_deadline(record_.started + options_->first_byte_timeout);
  }
  gemini::Tally sum;
  Result<> result;
  Together together(worker_.loop, request_.departed());
  std::size_t started = 0;
  for (std::size_t given = 0; given < all.size() && result; ++given) {
    // Answers wait for their turn, so no more are started than are wanted soon.
    for (; started < all.size() && started < given + kMostAtOnce; ++started) {
      together.start(pursue(*all[started], generates_), all[started]->cancel);
    }
    One& one = *all[given];
    while (!one.answer) co_await together.one_ended();
    if (!*one.answer) {
      result = fail(std::move(one.answer->error()));
      break;
    }
    call_number_ = static_cast<std::uint32_t>(given);
    const std::span<const gemini::Frame> frames = (*one.answer)->first.frames;
    if (encoder_->heavy()) {
      result = co_await encode_aside(frames);
    } else {
      for (const gemini::Frame& frame : frames) {
        if (result) result = encode(frame);
      }
    }
    (*one.answer)->lease.settle(result ? pool::Outcome::success() : pool::Outcome::abandoned());
    add(sum, std::exchange(record_.tally, {}));
    one.answer.reset();  // its cancel stays: all are requested at once
  }
  together.cancel_all();
  while (together.running() > 0) co_await together.one_ended();
  call_number_ = 0;
  record_.tally = std::move(sum);
  co_return result;
}

}  // namespace wasat::gateway
