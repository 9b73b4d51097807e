// What the simulator remembers: rules for faults, scripts and the last requests seen.
//
// One State serves the Simulators of all workers; every function may be called
// from any thread. Bounded: rules, scripts, requests and the bytes of kept bodies.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "base/random.h"
#include "base/result.h"
#include "http/message.h"
#include "simulator/fault.h"
#include "simulator/holdings.h"
#include "simulator/implicit_cache.h"
#include "simulator/script.h"

namespace wasat::simulator {

struct Options {
  std::uint64_t seed = 1;
  // Keys that are accepted; empty: any.
  std::vector<std::string> keys;
  std::chrono::milliseconds first_chunk_delay{0};
  std::chrono::milliseconds chunk_delay{0};
  std::size_t remembered_requests = 256;
};

// A fault that befalls a request.
struct Strike {
  Fault fault;
  std::chrono::milliseconds duration;  // stall, stall-mid, slow
  std::size_t bytes;                   // huge
};

struct Asked {
  std::string_view key;
  std::string_view model;
  std::string_view method;  // "generateContent"; for other paths the path
};

class State {
 public:
  explicit State(Options options);

  const Options& options() const { return options_; }
  Holdings& holdings() { return holdings_; }
  ImplicitCache& implicit_cache() { return implicit_cache_; }

  // {"rules":[{"match":{"key","model","method","text"},"fault":"stall","times":2,
  //   "after":1,"probability":0.5,"ms":100,"bytes":1000}]}, one such rule, or an
  // array of them. Match values are substrings. Errors: kInvalidRequest.
  [[nodiscard]] Result<> add_rules(PaddedView json);
  void clear_rules();

  // The first rule that matches, else what key or model ask for. Without `body`
  // only rules that do not look at the text; with it only those that do.
  std::optional<Strike> strike(const Asked& asked, std::optional<std::string_view> body);

  // {"scripts":[...]}, one script (script.h) or an array of them.
  [[nodiscard]] Result<> add_scripts(PaddedView json);
  void clear_scripts();
  // The first that matches, or null.
  std::shared_ptr<const Script> script_for(std::string_view model, std::string_view body) const;

  // Remembers a request; the returned number names it to ended().
  std::uint64_t remember(const http::ServerRequest& request, std::string_view key,
                         std::shared_ptr<const Buffer> body);
  enum class Ending : std::uint8_t { kOpen, kAnswered, kCut, kClientLeft };
  void ended(std::uint64_t number, int status, Ending ending, std::optional<Fault> fault);
  void forget_requests();

  // For GET /simulator/requests and GET /simulator.
  std::string requests_json() const;
  std::string overview_json() const;

 private:
  struct Rule {
    std::string key, model, method, text;
    Strike strike;
    std::int64_t after;
    std::int64_t times;  // -1: always
    double probability;
    Random random;
    bool matches(const Asked& asked, std::optional<std::string_view> body) const;
    bool fires();
  };
  struct Seen {
    std::uint64_t number;
    std::string method, target, key;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<const Buffer> body;  // null when it was too large to keep
    std::size_t body_size;
    int status = 0;
    Ending ending = Ending::kOpen;
    std::optional<Fault> fault;
  };

  const Options options_;
  Holdings holdings_{options_.seed};
  ImplicitCache implicit_cache_;
  mutable std::mutex mutex_;
  std::vector<Rule> rules_;
  std::vector<std::shared_ptr<const Script>> scripts_;
  std::deque<Seen> seen_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t requests_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> requests_by_key_;  // of the first kMostKeys
  std::uint64_t open_ = 0;
  std::uint64_t clients_left_ = 0;
  std::uint64_t reuse_count_ = 0;
};

}  // namespace wasat::simulator
