// Service: everything that serves, built in one place, in the order of the rooms.
//
// Made from settings and what the store holds; runs from start() to the
// destructor. The only file that knows all parts.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/administration.h"
#include "app/credentials.h"
#include "app/known_settings.h"
#include "app/live_settings.h"
#include "app/node_watch.h"
#include "app/pool_upkeep.h"
#include "app/relay_upkeep.h"
#include "app/settings.h"
#include "app/worker_thread.h"
#include "gateway/health_round.h"
#include "gateway/node_admission.h"
#include "observe/log.h"
#include "provider/api_key/api_key.h"
#include "provider/relay/relay.h"
#include "store/keys.h"

namespace wasat::app {

class Service {
 public:
  // `contents` with the credentials of the environment; `store`, `keys` and `clock`
  // outlive the service.
  // `sources` are what the settings were read from, and `adjust` is done to them
  // whenever they are read again; it may be empty.
  static Result<std::unique_ptr<Service>> create(const Loaded& loaded, Sources sources,
                                                 std::function<void(Settings&)> adjust,
                                                 const store::Contents& contents,
                                                 store::Store& store, store::Ledger& ledger,
                                                 const store::Keys& keys, const Clock& clock);
  ~Service();

  // Begins to accept. The port is known then.
  Result<> start();
  std::uint16_t port() const { return port_; }
  // Accepts no more, and is not ready any more. Returns at once.
  void drain();
  // Waits until the last request has ended; false: the time is up.
  bool wait_drained(std::chrono::milliseconds at_most);
  // Cuts the requests that are still served.
  void abort();
  void reopen_logs();
  // Reads the settings again (the file may have changed) and applies those that are live.
  // Blocks; what is wrong changes nothing. Returns what there is to tell the operator.
  std::vector<Problem> reload();
  std::chrono::milliseconds drain_timeout() const { return drain_timeout_.load(); }

 private:
  Service(const Loaded& loaded, Sources sources, std::function<void(Settings&)> adjust,
          const store::Contents& contents, store::Store& store, store::Ledger& ledger,
          const store::Keys& keys, const Clock& clock, std::unique_ptr<net::TlsContext> tls,
          std::unique_ptr<observe::LineLog> access_log, std::unique_ptr<gateway::MediaCache> media);
  // On the admin thread.
  void apply(const Settings& settings);
  void use(std::shared_ptr<const gateway::Options> options);
  void follow_tokens();
  void warn_of_open_relay(const Settings& settings);
  void collect(observe::Samples& samples) const;

  const Settings settings_;
  store::Store& store_;
  store::Ledger& ledger_;
  observe::Log log_;
  std::unique_ptr<observe::LineLog> access_log_;
  observe::Metrics metrics_;
  std::unique_ptr<net::TlsContext> tls_;
  ByteBudget body_budget_;
  Snapshot<account::TokenTable> tokens_;
  account::Meter meter_;
  Snapshot<account::Prices> prices_;
  account::Unpriced unpriced_;
  account::AdminPassword admin_;
  admin::EventHub events_;
  CredentialKeeper keeper_;
  NodeWatch node_watch_;
  pool::Pool pool_;
  provider::ApiKeyProvider api_key_;
  relay::Hub hub_;
  provider::RelayProvider relay_;
  Snapshot<gemini::ModelAliases> aliases_;
  gateway::Dialects dialects_;
  gateway::ModelsCache models_;
  gateway::Resources resources_;
  gateway::Memory memory_;
  const std::unique_ptr<gateway::MediaCache> media_;
  gateway::HealthRound health_;
  std::atomic<bool> draining_{false};
  bool relay_was_open_ = false;
  Snapshot<gateway::Options> options_;
  gateway::NodeAdmission node_admission_;
  Snapshot<admin::Options> admin_options_;
  std::atomic<std::chrono::milliseconds> drain_timeout_;
  LiveSettings live_settings_;
  const TableOfSettings known_settings_;
  admin::Administration administration_;
  net::Compute compute_;  // behind all that its work uses: it ends what it was given first
  const gateway::Shared shared_;

  int listening_fd_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t drained_ = 0;
  std::unique_ptr<PoolUpkeep> upkeep_;  // ends when the workers have ended
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::unique_ptr<RelayUpkeep> relay_upkeep_;  // ends while there are workers
};

}  // namespace wasat::app
