#include "app/serve.h"

#include <unistd.h>

#include <iostream>
#include <optional>

#include "app/first_start.h"
#include "app/options.h"
#include "app/service.h"
#include "app/signals.h"
#include "app/simulate.h"
#include "app/startup_pages.h"
#include "store/data_folder.h"
#include "store/environment.h"
#include "store/keys.h"
#include "store/master_key.h"
#include "store/sqlite/sqlite_ledger.h"
#include "store/sqlite/sqlite_store.h"

namespace wasat::app {
namespace {

int stop_with(std::string_view why) {
  std::cerr << "wasat: " << why << "\n";
  return 1;
}

// One line per dialect that can be pasted as it is.
void print_examples(const std::string& address, const Secret& token) {
  const std::string_view shown = token.reveal();
  std::cout << "\nTry it:\n  curl " << address << "/v1/chat/completions -H 'Authorization: Bearer "
            << shown
            << "' -H 'Content-Type: application/json' -d "
               "'{\"model\":\"gemini-2.5-flash\",\"messages\":[{\"role\":\"user\",\"content\":"
               "\"Hello!\"}]}'\n  curl "
            << address
            << "/v1beta/models/gemini-2.5-flash:generateContent -H 'x-goog-api-key: " << shown
            << "' -H 'Content-Type: application/json' -d "
               "'{\"contents\":[{\"parts\":[{\"text\":\"Hello!\"}]}]}'\n";
  std::cout << "(" << shown << " is good for this run of the demo only.)\n\n";
}

// The demo talks to itself: real keys never go there, and none is needed.
void prepare_demo(Settings& settings, const SimulatorServer& simulator) {
  settings.gemini_base_url = "http://127.0.0.1:" + std::to_string(simulator.port());
  settings.gemini_api_keys.clear();
  for (const char* key : {"demo-key-one", "demo-key-two", "demo-key-three"}) {
    settings.gemini_api_keys.emplace_back(key);
  }
  settings.proxy_url = Secret();
  settings.proxies.clear();
}

int run(Service& service) {
  for (;;) {
    const Signal signal = wait_for_signal();
    if (signal == Signal::kReload) {
      service.reopen_logs();
      std::cerr << describe(service.reload());
    }
    if (signal == Signal::kStop) break;
  }
  service.drain();
  const auto give_up = std::chrono::steady_clock::now() + service.drain_timeout();
  while (!service.wait_drained(std::chrono::milliseconds(20))) {
    const bool again = wait_for_signal(std::chrono::milliseconds(1)) == Signal::kStop;
    if (again || std::chrono::steady_clock::now() > give_up) {
      service.abort();
      service.wait_drained(std::chrono::seconds(5));
      break;
    }
  }
  return 0;
}

}  // namespace

int serve(ServeOptions options) {
  block_signals();
  std::optional<PromptRelease> prompt_release(std::in_place);  // until the start is over
  const SystemClock clock;
  Loaded loaded = load_settings(options.sources);
  std::cerr << describe(loaded.problems);
  if (!loaded.ok()) return 1;

  if (const auto folder = store::prepare_data_folder(loaded.settings.data_dir); !folder) {
    return stop_with(folder.error().detail);
  }
  const std::string database = store::database_path(loaded.settings.data_dir);
  const Result<Secret> master = store::load_or_create_master_key(
      loaded.settings.encryption_key, loaded.settings.key_file, database);
  if (!master) return stop_with(master.error().detail);
  const store::Keys keys(*master);
  const auto store = store::SqliteStore::open({.path = database}, keys, clock);
  if (!store) return stop_with(store.error().detail);
  Result<store::Contents> contents = (*store)->load_all();
  if (!contents) return stop_with(contents.error().detail);

  options.sources.stored = contents->settings;
  loaded = load_settings(options.sources);
  if (!loaded.ok()) {
    std::cerr << describe(loaded.problems);
    return 1;
  }
  Settings& settings = loaded.settings;
  std::unique_ptr<SimulatorServer> simulator;
  if (options.demo) {
    auto started = SimulatorServer::start("127.0.0.1", 0, {});
    if (!started) return stop_with(started.error().detail);
    simulator = std::move(*started);
    prepare_demo(settings, *simulator);
  }
  for (store::Change& change :
       store::add_environment_credentials(*contents, keys, provider::kApiKey,
                                          settings.gemini_api_keys, store::to_time(clock.wall()))) {
    (*store)->note(std::move(change));
  }
  for (store::Change& change : give_another_chance(*contents, store::to_time(clock.wall()))) {
    (*store)->note(std::move(change));
  }
  Result<FirstStart> first =
      first_start(settings, *contents, **store, keys, clock, ::isatty(STDOUT_FILENO) == 1);
  if (!first) return stop_with(first.error().detail);
  // For the demo's examples: good for this run, and opens nothing but the simulator.
  const Secret demo_token = secure_text(24, "demo-");
  if (options.demo) settings.tokens.push_back(demo_token);

  std::function<void(Settings&)> adjust;
  if (options.demo) {
    adjust = [&](Settings& read_again) {
      prepare_demo(read_again, *simulator);
      read_again.tokens.push_back(demo_token);
    };
  }

  const auto ledger =
      store::SqliteLedger::open({.path = store::ledger_path(settings.data_dir),
                                 .lanes = static_cast<std::size_t>(settings.workers),
                                 .limits = ledger_limits(settings)},
                                keys, clock);
  if (!ledger) return stop_with(ledger.error().detail);

  int exit_code = 0;
  {
    auto service =
        Service::create(loaded, options.sources, adjust, *contents, **store, **ledger, keys, clock);
    if (!service) return stop_with(service.error().detail);
    if (const Result<> started = (*service)->start(); !started) {
      return stop_with(started.error().detail);
    }
    const std::string hint = no_credential_hint(settings, *contents);
    *contents = {};  // the service has what it needs
    const std::string address =
        "http://" + (settings.host == "0.0.0.0" ? std::string("127.0.0.1") : settings.host) + ":" +
        std::to_string((*service)->port());
    std::cout << first->message.reveal() << hint << "\n";
    if (options.demo) print_examples(address, demo_token);
    release_startup_pages();
    prompt_release.reset();
    std::cout << "wasat: listening on " << address << std::endl;
    exit_code = run(**service);
  }
  (*ledger)->stop();
  (*store)->stop();
  return exit_code;
}

}  // namespace wasat::app
