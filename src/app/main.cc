// The command line of wasat.

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/check.h"
#include "app/node_command.h"
#include "app/serve.h"
#include "app/settings_table.h"
#include "app/simulate.h"
#include "app/transfer_commands.h"
#include "observe/metric_table.h"

namespace {

using wasat::app::Sources;

// Flags that stand for settings, by the settings' keys.
void add_settings(CLI::App& command, Sources& sources) {
  command.add_option("--config", sources.file, "TOML file with settings")->type_name("FILE");
  const auto flag = [&](const char* name, const char* key, const char* help) {
    command.add_option_function<std::string>(
        name, [&sources, key](const std::string& value) { sources.flags[key] = value; }, help);
  };
  flag("--host", "listen.host", "address to listen on (HOST)");
  flag("--port", "listen.port", "port to listen on; 0: any that is free (PORT)");
  flag("--workers", "server.workers", "number of worker threads (WASAT_WORKERS)");
  flag("--data-dir", "store.data_dir", "folder for everything durable (WASAT_DATA_DIR)");
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&sources](const std::vector<std::string>& pairs) {
            for (const std::string& pair : pairs) {
              const std::size_t equals = pair.find('=');
              if (equals == std::string::npos)
                throw CLI::ValidationError("--set", "write KEY=VALUE");
              sources.flags[pair.substr(0, equals)] = pair.substr(equals + 1);
            }
          },
          "any other setting, as in docs/configuration.md")
      ->type_name("KEY=VALUE");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Wasat: a gateway to Gemini for every AI client");
  app.require_subcommand(1);

  wasat::app::ServeOptions serving;
  CLI::App* serve = app.add_subcommand("serve", "serve clients until SIGTERM");
  add_settings(*serve, serving.sources);
  serve->add_flag("--demo", serving.demo, "use the built-in simulator instead of Google");

  Sources checking;
  CLI::App* check = app.add_subcommand("check", "say whether the configuration is valid");
  add_settings(*check, checking);

  wasat::app::ExportCommand exporting;
  CLI::App* exported = app.add_subcommand(
      "export", "write everything the store has, sealed with a passphrase, to a file");
  add_settings(*exported, exporting.sources);
  exported->add_option("file", exporting.file, "a new file; -: standard output")->required();

  wasat::app::ImportCommand importing;
  CLI::App* imported =
      app.add_subcommand("import", "take in exports, .env files and the data of other gateways");
  add_settings(*imported, importing.sources);
  imported->add_option("file", importing.files, "files; -: standard input")->required();
  imported->add_flag("--replace", importing.replace, "remove what the export does not have");
  imported->add_flag("--admin-password", importing.admin_password,
                     "take over the admin password, where the file has one");
  imported->add_flag("--dry-run", importing.dry_run, "only say what would change");

  std::string host = "127.0.0.1";
  std::uint16_t port = 8081;
  wasat::simulator::Options simulator;
  CLI::App* simulate = app.add_subcommand("simulate", "be a Gemini that needs no network");
  simulate->add_option("--host", host, "address to listen on")->capture_default_str();
  simulate->add_option("--port", port, "port to listen on; 0: any")->capture_default_str();
  simulate->add_option("--seed", simulator.seed, "the same seed gives the same answers")
      ->capture_default_str();

  wasat::app::NodeCommand node;
  CLI::App* noded = app.add_subcommand("node",
                                       "be a relay node: answer a relay's requests with "
                                       "a key that stays on this machine");
  noded->add_option("--relay", node.relay, "the relay's address, such as wss://host/ws")
      ->envname("WASAT_RELAY_URL")
      ->type_name("URL")
      ->required();
  noded->add_option("--name", node.name, "what the relay calls this node; default: the host's name")
      ->envname("WASAT_NODE_NAME")
      ->type_name("NAME");
  noded
      ->add_option("--token-file", node.token_file,
                   "file with the node token (else WASAT_NODE_TOKEN)")
      ->type_name("FILE");
  noded
      ->add_option("--key-file", node.key_file,
                   "file with the key for Gemini (else GEMINI_API_KEY)")
      ->type_name("FILE");
  noded->add_option("--concurrency", node.concurrency, "requests at a time; more are refused")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  noded
      ->add_option("--max-held", node.max_held,
                   "bytes of requests and of answers, but streams, that are held at a time; more "
                   "are refused")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("1GiB")
      ->type_name("SIZE");
  noded
      ->add_option("--drain", node.drain_seconds,
                   "seconds that a stop waits for requests that are going on")
      ->check(CLI::Range(0u, 3600u))
      ->capture_default_str();
  noded->footer(
      "Also read: GEMINI_BASE_URL, PROXY_URL, NO_PROXY, LOG_LEVEL, WASAT_LOG_FORMAT, as by serve.\n"
      "Secrets never stand on the command line, where every user of the machine reads them.\n"
      "Exit codes: 0 after SIGTERM or SIGINT, 1 when the relay refuses the node at its start,\n"
      "2 when it cannot start as it is told.");

  std::string page;
  CLI::App* docs = app.add_subcommand("docs", "print a generated page of the documents");
  docs->add_option("page", page, "configuration, configuration.zh-CN or metrics")
      ->required()
      ->check(CLI::IsMember({"configuration", "configuration.zh-CN", "metrics"}));

  CLI::App* version = app.add_subcommand("version", "print the version");

  CLI11_PARSE(app, argc, argv);
  if (serve->parsed()) {
    serving.sources.environment = wasat::app::read_environment();
    return wasat::app::serve(std::move(serving));
  }
  if (check->parsed()) {
    checking.environment = wasat::app::read_environment();
    const wasat::app::CheckReport report = wasat::app::check(checking);
    (report.exit_code == 0 ? std::cout : std::cerr) << report.text;
    return report.exit_code;
  }
  if (exported->parsed()) {
    exporting.sources.environment = wasat::app::read_environment();
    return wasat::app::export_to_file(std::move(exporting));
  }
  if (imported->parsed()) {
    importing.sources.environment = wasat::app::read_environment();
    return wasat::app::import_from_files(std::move(importing));
  }
  if (simulate->parsed()) return wasat::app::simulate(host, port, simulator);
  if (noded->parsed()) {
    node.environment = wasat::app::read_environment();
    return wasat::app::run_node(std::move(node));
  }
  if (docs->parsed()) {
    std::cout << (page == "metrics"
                      ? wasat::observe::metrics_markdown()
                      : wasat::app::settings_markdown(page == "configuration"
                                                          ? wasat::app::Language::kEnglish
                                                          : wasat::app::Language::kChinese));
    return 0;
  }
  if (version->parsed()) std::cout << "wasat " WASAT_VERSION "\n";
  return 0;
}
