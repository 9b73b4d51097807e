// What is known about one exchange, for its log line, the metrics and the ledger.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gemini/call.h"
#include "observe/metrics.h"

namespace wasat::gateway {

// Views point to what lives as long as the exchange.
struct Record {
  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point first_byte;  // epoch: none was sent
  std::string id;              // of the exchange; the client gets it as x-request-id
  std::string_view dialect;    // "gemini"
  std::string_view method;     // "streamGenerateContent"; HTTP's own for other requests
  std::string path;            // without its query
  std::string client;          // address
  std::string token;           // id
  std::string model;           // as asked for
  std::string upstream_model;  // as sent
  std::string_view provider;
  std::string credential;  // id
  int attempts = 0;
  int status = 0;            // what the client got
  std::string_view outcome;  // "ok", "client_left", or the error's kind
  std::string error;         // detail of the error, for operators; no secrets
  gemini::Tally tally;
  std::int64_t cost = 0;  // billionths of a dollar
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t frames_in = 0;  // of a WebSocket
  std::uint64_t frames_out = 0;
  // For the ledger alone, of tokens that ask for it: the beginnings.
  std::string request_body;
  std::string response_body;
};

// One line of JSON, without its newline.
void append_log_line(std::string& out, const Record& record,
                     std::chrono::system_clock::time_point wall,
                     std::chrono::steady_clock::time_point now);

// The same for the metrics.
void count_exchange(observe::Shard& metrics, const observe::LabelLists& labels,
                    const Record& record, const Result<>& result,
                    std::chrono::steady_clock::time_point now);

}  // namespace wasat::gateway
