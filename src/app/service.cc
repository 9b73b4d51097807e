#include "app/service.h"

#include <unistd.h>

#include <future>

#include "account/past_use.h"
#include "app/check_settings.h"
#include "app/first_start.h"
#include "app/options.h"
#include "app/text.h"
#include "dialect/anthropic/dialect.h"
#include "dialect/gemini/gemini.h"
#include "dialect/openai_chat/dialect.h"
#include "dialect/openai_media/dialect.h"
#include "dialect/openai_responses/dialect.h"
#include "observe/process.h"
#include "relay/names.h"

namespace wasat::app {
namespace {

using observe::Metric;

constexpr std::chrono::seconds kModelsKept{600};

// Models that are counted by name; all others count as "other".
std::vector<std::string> counted_models() {
  return {"gemini-2.5-pro",         "gemini-2.5-flash",     "gemini-2.5-flash-lite",
          "gemini-2.5-flash-image", "gemini-3-pro-preview", "gemini-3.1-pro-preview",
          "gemini-3-flash-preview", "gemini-3.5-flash",     "gemini-flash-latest",
          "gemini-pro-latest",      "gemini-embedding-001", "gemini-3-pro-image-preview"};
}

// The pool, with what the store has in it.
pool::Pool& filled(pool::Pool& pool, const store::Contents& contents, const Clock& clock) {
  pool.replace(make_credentials(contents, clock));
  return pool;
}

gateway::Dialects make_dialects() {
  return {.gemini = dialect::native::make_gemini(),
          .openai_chat = dialect::openai_chat::make_openai_chat(),
          .openai_responses = dialect::openai_responses::make_openai_responses(),
          .openai_media = dialect::openai_media::make_openai_media(),
          .anthropic = dialect::anthropic::make_anthropic()};
}

}  // namespace

Result<std::unique_ptr<Service>> Service::create(const Loaded& loaded, Sources sources,
                                                 std::function<void(Settings&)> adjust,
                                                 const store::Contents& contents,
                                                 store::Store& store, store::Ledger& ledger,
                                                 const store::Keys& keys, const Clock& clock) {
  const Settings& settings = loaded.settings;
  if (Result<> good = check_settings(settings); !good) return fail(good.error());
  Result<std::unique_ptr<net::TlsContext>> tls = net::TlsContext::create("");
  if (!tls) return fail(tls.error());
  Result<std::unique_ptr<observe::LineLog>> access_log = observe::LineLog::open(
      {.path = settings.access_log, .lanes = static_cast<std::size_t>(settings.workers)});
  if (!access_log) return fail(access_log.error());
  Result<std::unique_ptr<gateway::MediaCache>> media =
      gateway::MediaCache::open(media_options(settings), clock);
  if (!media) return fail(media.error());
  if (!settings.media_base_url.empty()) {
    if (Result<> made = (*media)->make_folder(); !made) return fail(made.error());
  }
  return std::unique_ptr<Service>(new Service(loaded, std::move(sources), std::move(adjust),
                                              contents, store, ledger, keys, clock, std::move(*tls),
                                              std::move(*access_log), std::move(*media)));
}

Service::Service(const Loaded& loaded, Sources sources, std::function<void(Settings&)> adjust,
                 const store::Contents& contents, store::Store& store, store::Ledger& ledger,
                 const store::Keys& keys, const Clock& clock, std::unique_ptr<net::TlsContext> tls,
                 std::unique_ptr<observe::LineLog> access_log,
                 std::unique_ptr<gateway::MediaCache> media)
    : settings_(loaded.settings),
      store_(store),
      ledger_(ledger),
      log_(observe::level_of(settings_.log_level), settings_.log_format == "json"
                                                       ? observe::Log::Format::kJson
                                                       : observe::Log::Format::kText),
      access_log_(std::move(access_log)),
      metrics_(static_cast<std::size_t>(settings_.workers),
               observe::LabelLists(counted_models(), {std::string(provider::kApiKey),
                                                      std::string(provider::kRelay)})),
      tls_(std::move(tls)),
      body_budget_(static_cast<std::size_t>(settings_.body_memory_bytes)),
      tokens_(std::make_shared<const account::TokenTable>(
          contents.tokens, settings_.tokens, allowed_of(settings_), keys.tokens,
          limits_of(settings_), contents.token_keys, settings_.relay_tokens)),
      meter_(clock),
      prices_(std::make_shared<const account::Prices>(prices_of(settings_))),
      unpriced_([this](std::string_view model) {
        log_.warn(
            "a model has no price: what it costs is counted as nothing, and tokens with a budget "
            "may not use it. Give it one in models.prices (MODEL_PRICES)",
            {{"model", model}});
      }),
      admin_(settings_.admin_password, contents.admin_password_hash),
      keeper_(store, log_, clock, events_),
      node_watch_(store, log_, clock, events_),
      pool_(clock, pool_options(settings_), &keeper_),
      api_key_(clock),
      hub_(pool_, clock, relay_options(settings_, contents.tokens)),
      relay_(hub_),
      aliases_(std::make_shared<const gemini::ModelAliases>(alias_rows(settings_, contents))),
      dialects_(make_dialects()),
      models_(clock, kModelsKept),
      resources_(clock),
      memory_(clock, memory_limits(settings_), &store),
      media_(std::move(media)),
      options_(std::make_shared<const gateway::Options>(gateway_options(settings_))),
      node_admission_(tokens_, options_, clock),
      admin_options_(std::make_shared<const admin::Options>(admin_options(settings_))),
      drain_timeout_(settings_.drain_timeout),
      live_settings_(loaded, std::move(sources), std::move(adjust), store,
                     [this](const Settings& changed) { apply(changed); }),
      administration_({.clock = clock,
                       .store = store,
                       .keys = keys,
                       .log = log_,
                       .options = admin_options_,
                       .password = admin_,
                       .pool = filled(pool_, contents, clock),
                       .tokens = tokens_,
                       .aliases = aliases_,
                       .tokens_changed = [this] { follow_tokens(); },
                       .settings = live_settings_,
                       .known_settings = known_settings_,
                       .watched = {.ledger = ledger,
                                   .meter = meter_,
                                   .prices = prices_,
                                   .unpriced = unpriced_,
                                   .metrics = metrics_,
                                   .nodes = hub_,
                                   .visits = node_watch_.history(),
                                   .events = events_,
                                   .draining = draining_}},
                      contents, from_settings(settings_)),
      shared_{.clock = clock,
              .options = options_,
              .pool = pool_,
              .providers = {&api_key_, &relay_},
              .tokens = tokens_,
              .meter = meter_,
              .prices = prices_,
              .unpriced = unpriced_,
              .aliases = aliases_,
              .dialects = dialects_,
              .models = models_,
              .resources = resources_,
              .store = store,
              .ledger = ledger,
              .upload_key = keys.uploads,
              .memory = memory_,
              .body_budget = body_budget_,
              .media = *media_,
              .compute = compute_,
              .metrics = metrics_,
              .admin = admin_,
              .health = health_,
              .hub = hub_,
              .node_admission = node_admission_,
              .draining = draining_,
              .administration = administration_} {
  hub_.set_listener(node_watch_);
  hub_.set_admission(node_admission_);
  upkeep_ = std::make_unique<PoolUpkeep>(pool_, store, clock,
                                         [this] { show_out(hub_, node_admission_); });
  // Without its past nobody is refused; the operator learns of it.
  if (Result<> past = account::restore_past_use(meter_, ledger, clock.wall()); !past) {
    log_.warn("what tokens have used before is not known", {{"error", past.error().detail}});
  }
  resources_.load(contents.resources);
  store_.note(store::RemoveExpiredResources{store::to_time(clock.wall())});
  for (const store::NodeName& name : contents.node_names) hub_.keep_name(name.id, name.token_id);
  store_.note(store::RemoveNodeNames{relay::Names::kMost});
  const auto tell = [this](std::string_view which) {
    return [this, which](const std::string& problem) {
      if (problem.empty()) {
        log_.info("writing works again", {{"to", which}});
      } else {
        log_.error("cannot write; Wasat goes on from memory", {{"to", which}, {"why", problem}});
      }
    };
  };
  store_.watch(tell("store"));
  ledger_.watch(tell("ledger"));
  metrics_.add_collector(observe::collect_process);
  metrics_.add_collector([this](observe::Samples& samples) { collect(samples); });
}

Service::~Service() {
  store_.watch({});
  ledger_.watch({});
  relay_upkeep_.reset();
  workers_.clear();
  if (listening_fd_ >= 0) ::close(listening_fd_);
}

Result<> Service::start() {
  if (Result<> loaded = memory_.load(); !loaded) return loaded;
  warn_of_open_relay(settings_);
  listening_fd_ = net::inherited_listening_socket();
  if (listening_fd_ < 0) {
    const Result<int> fd =
        net::open_listening_socket(settings_.host, static_cast<std::uint16_t>(settings_.port));
    if (!fd) return fail(fd.error());
    listening_fd_ = *fd;
  }
  port_ = net::local_port(listening_fd_);
  for (std::size_t number = 0; number < static_cast<std::size_t>(settings_.workers); ++number) {
    workers_.push_back(std::make_unique<WorkerThread>(WorkerThread::Parts{
        .shared = shared_,
        .tls = *tls_,
        .log = *access_log_,
        .number = number,
        .server = server_options(settings_, body_budget_),
        .client = client_options(settings_),
        .drained =
            [this] {
              const std::lock_guard lock(mutex_);
              ++drained_;
              changed_.notify_one();
            },
    }));
  }
  // Those who serve may change settings, and these are for all.
  for (const auto& worker : workers_) worker->start(listening_fd_);
  relay_upkeep_ = std::make_unique<RelayUpkeep>(hub_);
  return {};
}

void Service::drain() {
  draining_ = true;
  administration_.stop();
  pool_.stop_waiting();
  for (const auto& worker : workers_) worker->drain();
}

bool Service::wait_drained(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, at_most, [this] { return drained_ == workers_.size(); });
}

void Service::abort() {
  for (const auto& worker : workers_) worker->abort();
}

std::vector<Problem> Service::reload() {
  std::promise<std::vector<Problem>> done;
  administration_.thread().post([&] { done.set_value(live_settings_.reload()); });
  return done.get_future().get();
}

void Service::warn_of_open_relay(const Settings& settings) {
  const bool open = settings.relay_enabled && settings.relay_open;
  if (open && !relay_was_open_) {
    log_.warn(
        "the relay is open: anybody who reaches this address can join as a node, read the "
        "prompts that it is sent and forge the answers. Set relay.open (RELAY_OPEN) to false "
        "and give nodes tokens");
  }
  relay_was_open_ = open;
}

// On the admin thread.
void Service::follow_tokens() {
  hub_.configure(relay_options(live_settings_.settings(), administration_.registry().tokens()));
  show_out(hub_, node_admission_);
}

// What goes to the upstream by other ways than before leaves the old ones.
void Service::use(std::shared_ptr<const gateway::Options> options) {
  const bool moved = options->api_key.egress != options_.get()->api_key.egress;
  options_.publish(std::move(options));
  if (!moved) return;
  api_key_.forget_faults();
  for (const auto& worker : workers_) worker->close_idle();
}

void Service::apply(const Settings& settings) {
  if (!settings.media_base_url.empty()) {
    if (Result<> made = media_->make_folder(); !made) {
      log_.error("generated media cannot be kept", {{"error", made.error().detail}});
    }
  }
  const gateway::MediaCache::Options media = media_options(settings);
  media_->set_limits(media.age, media.bytes);
  memory_.set_limits(memory_limits(settings));
  use(std::make_shared<const gateway::Options>(gateway_options(settings)));
  admin_options_.publish(std::make_shared<const admin::Options>(admin_options(settings)));
  body_budget_.set_limit(static_cast<std::size_t>(settings.body_memory_bytes));
  for (const auto& worker : workers_) {
    worker->configure(server_options(settings, body_budget_), client_options(settings));
  }
  pool_.configure(pool_options(settings));
  hub_.configure(relay_options(settings, administration_.registry().tokens()));
  prices_.publish(std::make_shared<const account::Prices>(prices_of(settings)));
  ledger_.set_limits(ledger_limits(settings));
  admin_.fix(settings.admin_password);
  log_.set_level(observe::level_of(settings.log_level));
  drain_timeout_ = settings.drain_timeout;
  administration_.registry().use_settings(from_settings(settings));
  warn_of_open_relay(settings);
}

void Service::reopen_logs() { access_log_->reopen(); }

void Service::collect(observe::Samples& samples) const {
  for (const std::string_view provider : {provider::kApiKey, provider::kRelay}) {
    const pool::Census census = pool_.census(provider);
    const std::string pool(provider);
    samples.add(Metric::kCredentials, static_cast<double>(census.ready), {pool, "ready"});
    samples.add(Metric::kCredentials, static_cast<double>(census.cooling), {pool, "cooling"});
    samples.add(Metric::kCredentials, static_cast<double>(census.disabled), {pool, "disabled"});
  }
  collect_relay(samples, hub_);
  const store::Status store = store_.status();
  samples.add(Metric::kStoreDropped, static_cast<double>(store.dropped));
  samples.add(Metric::kStoreHealthy, store.healthy ? 1 : 0);
  const store::LedgerStatus ledger = ledger_.status();
  samples.add(Metric::kLedgerDropped, static_cast<double>(ledger.dropped));
  samples.add(Metric::kLedgerHealthy, ledger.healthy ? 1 : 0);
  samples.add(Metric::kUnpriced, static_cast<double>(unpriced_.exchanges()));
  samples.add(Metric::kLedgerWaiting, static_cast<double>(ledger.waiting));
  samples.add(Metric::kLedgerBytes, static_cast<double>(ledger.bytes));
  samples.add(Metric::kLogDropped, static_cast<double>(access_log_->dropped()));
}

}  // namespace wasat::app
