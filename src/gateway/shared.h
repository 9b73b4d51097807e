// What all workers' gateways share, and what each has of its own. Made by
// composition; outlives every exchange.

#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "account/admin_password.h"
#include "account/meter.h"
#include "account/prices.h"
#include "account/token_table.h"
#include "account/unpriced.h"
#include "base/byte_budget.h"
#include "base/cidr.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/snapshot.h"
#include "dialect/dialect.h"
#include "gateway/background.h"
#include "gateway/fetch.h"
#include "gateway/hedge.h"
#include "gateway/media_cache.h"
#include "gateway/memory.h"
#include "gateway/models_cache.h"
#include "gateway/pages.h"
#include "gateway/resources.h"
#include "gateway/trust.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"
#include "http/client.h"
#include "net/compute.h"
#include "observe/line_log.h"
#include "observe/metrics.h"
#include "pool/seat.h"
#include "provider/api_key/options.h"
#include "provider/provider.h"
#include "relay/admission.h"
#include "relay/hub.h"
#include "store/ledger.h"
#include "store/store.h"
#include "ws/connection.h"

namespace wasat::gateway {

struct Options {
  int max_attempts = 8;
  // A second attempt beside one that is late, for so many of 100 requests; 0: none.
  int hedge_percent = 0;
  std::chrono::milliseconds first_byte_timeout{240'000};
  std::chrono::milliseconds stream_idle_timeout{240'000};
  http::BodyLimits body_limits;
  std::vector<Cidr> trusted_proxies;
  std::vector<std::string> cors_origins;  // "*": all; empty: no CORS headers
  Secret metrics_token;
  // After so much silence a stream's client gets a heartbeat; 0: never.
  std::chrono::milliseconds heartbeat_after{15'000};
  // Globs of models whose streams are asked for as whole answers.
  std::vector<std::string> fake_stream;
  // Of models that nobody says anything else about, in tokens.
  std::map<std::string, int, std::less<>> thinking_budgets;
  // What an answer is taken to cost at most before it is there, in tokens, for requests that
  // do not bound it themselves; of tokens with a budget.
  std::int64_t expected_output = 8192;
  // Health checks that nobody asked for; 0: none.
  std::chrono::milliseconds health_interval{0};
  std::string health_model = "gemini-2.5-flash-lite";
  Secret cron_secret;                        // who may ask for a round of them; empty: nobody
  std::size_t most_logged_body = 64 * 1024;  // of a request, and of an answer
  ws::ConnectionOptions live{.check_text = false};  // of both ends: text is passed on
  FetchOptions fetch;
  std::string media_url;  // under which clients find generated media; empty: they get no links
  provider::ApiKeyOptions api_key;
  dialect::Options dialects;
  RelayTrust relay_trust = RelayTrust::kAuto;
  bool relay_open = false;    // nodes need no token
  bool loopback_only = true;  // the listener: pages that need a token are open then

  bool fakes_stream(std::string_view model) const {
    return !fake_stream.empty() && std::ranges::any_of(fake_stream, [model](const auto& glob) {
      return gemini::glob_matches(glob, model);
    });
  }
};

// One of each, made by composition.
struct Dialects {
  std::unique_ptr<const dialect::Dialect> gemini;
  std::unique_ptr<const dialect::Dialect> openai_chat;
  std::unique_ptr<const dialect::Dialect> openai_responses;
  std::unique_ptr<const dialect::Dialect> openai_media;
  std::unique_ptr<const dialect::Dialect> anthropic;
};

class HealthRound;

struct Shared {
  const Clock& clock;
  const Snapshot<Options>& options;
  pool::Pool& pool;
  std::vector<provider::Provider*> providers;  // in the order in which they are tried
  const Snapshot<account::TokenTable>& tokens;
  account::Meter& meter;
  const Snapshot<account::Prices>& prices;
  account::Unpriced& unpriced;
  const Snapshot<gemini::ModelAliases>& aliases;
  const Dialects& dialects;
  ModelsCache& models;
  Resources& resources;
  store::Store& store;
  store::Ledger& ledger;
  const SealKey& upload_key;  // Keys::uploads
  Memory& memory;
  ByteBudget& body_budget;
  MediaCache& media;
  net::Compute& compute;
  observe::Metrics& metrics;
  const account::AdminPassword& admin;
  HealthRound& health;
  relay::Hub& hub;
  relay::Admission& node_admission;
  std::atomic<bool>& draining;
  Pages& administration;
};

// One worker's own.
struct Worker {
  net::Loop& loop;
  http::Client& client;
  observe::LineLog& log;
  observe::Shard& metrics;
  std::size_t lane;  // of the log and the ledger
  Random random;
  pool::Seat seat;
  HedgeBudget hedges;
  Snapshot<account::TokenTable>::Reader tokens;
  Snapshot<Options>::Reader options;
  Snapshot<gemini::ModelAliases>::Reader aliases;
  account::PriceBook prices;
  Background& background;
  ws::Masks masks;
};

}  // namespace wasat::gateway
