#include "gateway/settle.h"

#include "gemini/redact.h"

namespace wasat::gateway {
namespace {

constexpr std::size_t kMostErrorText = 2000;

std::int64_t microseconds(Clock::Steady::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

void name_outcome(Record& record, const Result<>& result, bool departed) {
  if (result) {
    record.outcome = "ok";
  } else if (departed || result.error().kind == ErrorKind::kCancelled) {
    record.outcome = "client_left";
    if (record.status == 0) record.status = 499;
  } else {
    record.outcome = error_code(result.error().kind).name;
    record.error = result.error().detail;
  }
}

}  // namespace

void settle_limits(Worker& worker, Allowance& allowance, Record& record, const Result<>& result,
                   bool departed) {
  name_outcome(record, result, departed);
  if (record.cost == 0) {
    record.cost = worker.prices.cost(record.upstream_model, record.tally.usage);
  }
  allowance.settle(worker, record);
}

void close_books(const Shared& shared, Worker& worker, Allowance& allowance, Record& record,
                 const Result<>& result, bool departed) {
  const Clock::Steady now = shared.clock.now();
  const Clock::Wall wall = shared.clock.wall();
  settle_limits(worker, allowance, record, result, departed);
  const gemini::Usage& used = record.tally.usage;
  if (record.cost == 0 && used.total + used.images + used.seconds > 0 && !record.token.empty()) {
    const account::Price* price = worker.prices.find(record.upstream_model);
    if (price == nullptr || !account::covers(*price, used)) {
      shared.unpriced.note(record.upstream_model);
    }
  }
  if (worker.log.enabled()) {
    std::string line;
    append_log_line(line, record, wall, now);
    worker.log.append(worker.lane, line);
  }
  count_exchange(worker.metrics, shared.metrics.labels(), record, result, now);
  // Strangers are in the log alone: they must not be able to fill the ledger.
  if (!record.token.empty() && shared.ledger.enabled()) {
    std::string redacted;
    shared.ledger.append(worker.lane, ledger_note(record, redacted, wall, now));
  }
}

store::LedgerNote ledger_note(const Record& record, std::string& redacted, Clock::Wall wall,
                              Clock::Steady now) {
  if (!record.error.empty()) redacted = gemini::redacted(record.error, kMostErrorText);
  const gemini::Usage& usage = record.tally.usage;
  const bool answered = record.first_byte != Clock::Steady();
  return {.time = store::to_time(wall),
          .id = record.id,
          .token_id = record.token,
          .client = record.client,
          .dialect = record.dialect,
          .method = record.method,
          .model = record.model,
          .upstream_model = record.upstream_model,
          .provider = record.provider,
          .credential_id = record.credential,
          .outcome = record.outcome,
          .error = redacted,
          .attempts = record.attempts,
          .status = record.status,
          .input = usage.prompt + usage.tool_prompt,
          .cached = usage.cached,
          .output = usage.candidates,
          .thoughts = usage.thoughts,
          .cost = record.cost,
          .first_byte_us = answered ? microseconds(record.first_byte - record.started) : 0,
          .duration_us = microseconds(now - record.started),
          .bytes_in = static_cast<std::int64_t>(record.bytes_in),
          .bytes_out = static_cast<std::int64_t>(record.bytes_out),
          .request_body = record.request_body,
          .response_body = record.response_body};
}

}  // namespace wasat::gateway
