// Fetching the media that a request names by URL, for whoever asks: guarded
// against being sent into private networks, bounded in size, time and number.
//
// Only http and https without userinfo; every address is checked and the checked
// one is connected to; redirects are checked in the same way. Errors are the
// client's (400) and name the URL's host, never more of it.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_budget.h"
#include "base/clock.h"
#include "dialect/dialect.h"
#include "http/client.h"
#include "net/compute.h"

namespace wasat::gateway {

struct FetchOptions {
  bool enabled = true;
  std::size_t most_bytes = 20u << 20;           // of one URL
  std::chrono::milliseconds most_time{15'000};  // for one URL, redirects included
  std::size_t most_urls = 16;                   // of one request
  std::size_t at_once = 4;
  net::AddressRules rules;
  std::vector<std::string> hosts;  // reached at any address they have
  std::optional<net::Proxy> proxy;
  net::NoProxy no_proxy;
  // The proxy resolves names, and is trusted to refuse what is private.
  bool remote_dns = false;
};

// Bytes of the budget for bodies, given back at the end.
class Reserved {
 public:
  explicit Reserved(ByteBudget& budget) : budget_(&budget) {}
  Reserved(Reserved&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  Reserved& operator=(Reserved&&) = delete;
  ~Reserved() { budget_->give_back(bytes_); }

  bool grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->try_take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  ByteBudget* budget_;
  std::size_t bytes_ = 0;
};

struct FetchContext {
  const FetchOptions& options;
  http::Client& client;
  net::Loop& loop;
  net::Compute& compute;
  const Clock& clock;
};

// `held` grows by what is held in memory; it and all of `context` outlive the task.
WASAT_OWN_FRAME Task<Result<dialect::Findings::Fetched>> fetch(std::string url,
                                                               FetchContext context, Reserved& held,
                                                               Cancel& cancel);

// What a Location header leads to; empty when it leads nowhere.
std::string redirected(const net::Url& from, std::string_view location);

}  // namespace wasat::gateway
