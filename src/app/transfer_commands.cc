#include "app/transfer_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "admin/transfer/export_document.h"
#include "admin/transfer/gather.h"
#include "admin/transfer/import_plan.h"
#include "admin/transfer/read_import.h"
#include "app/known_settings.h"
#include "app/passphrase_prompt.h"
#include "base/random.h"
#include "provider/api_key/api_key.h"
#include "store/data_folder.h"
#include "store/environment.h"
#include "store/master_key.h"
#include "store/sqlite/sqlite_store.h"

namespace wasat::app {
namespace {

using namespace admin::transfer;  // NOLINT(google-build-using-namespace)

int stop_with(std::string_view why) {
  std::cerr << "wasat: " << why << "\n";
  return 1;
}

// The store of the configured data folder, with what the environment gives.
struct OpenStore {
  Settings settings;
  std::unique_ptr<store::Keys> keys;
  std::unique_ptr<store::SqliteStore> store;
  store::Contents contents;
};

Result<OpenStore> open_store(const Sources& sources, const Clock& clock) {
  Loaded loaded = load_settings(sources);
  if (!loaded.ok()) {
    std::cerr << describe(loaded.problems);
    return fail(internal_error("the configuration is not valid"));
  }
  OpenStore open{.settings = std::move(loaded.settings), .keys = {}, .store = {}, .contents = {}};
  if (const auto folder = store::prepare_data_folder(open.settings.data_dir); !folder) {
    return fail(folder.error());
  }
  const std::string database = store::database_path(open.settings.data_dir);
  const Result<Secret> master = store::load_or_create_master_key(open.settings.encryption_key,
                                                                 open.settings.key_file, database);
  if (!master) return fail(master.error());
  open.keys = std::make_unique<store::Keys>(*master);
  auto store = store::SqliteStore::open({.path = database}, *open.keys, clock);
  if (!store) return fail(store.error());
  open.store = std::move(*store);
  Result<store::Contents> contents = open.store->load_all();
  if (!contents) return fail(contents.error());
  open.contents = std::move(*contents);
  store::add_environment_credentials(open.contents, *open.keys, provider::kApiKey,
                                     open.settings.gemini_api_keys, store::to_time(clock.wall()));
  return open;
}

account::Allowed allowed_tokens(const Settings& settings) {
  std::string words;
  for (const std::string& word : settings.tokens_allow) words += word + " ";
  return account::Allowed::parse(words).value_or(account::Allowed::none());
}

// Never over a file that is there, and readable for nobody else.
Result<> write_out(const std::string& file, std::string_view text) {
  if (file != "-") return store::write_private_file(file, text);
  std::cout << text << std::flush;
  if (!std::cout) return fail(internal_error("standard output cannot be written to"));
  return {};
}

Result<std::string> read_in(const std::string& file) {
  const auto all_of = [](std::istream& in) -> Result<std::string> {
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() > kMostDocumentBytes) {
      return fail(client_error(ErrorKind::kTooLarge, "is larger than any document can be"));
    }
    return text;
  };
  if (file == "-") return all_of(std::cin);
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             std::string("cannot be read: ") + std::strerror(errno)));
  }
  return all_of(in);
}

void print(const std::string& file, DocumentKind kind, const Report& report) {
  std::cout << file << " (" << document_kind_name(kind) << ")\n";
  for (const auto& [what, count] : report.counts) {
    std::string outcome(outcome_name(what.second));
    if (what.second == Outcome::kNotTaken) outcome = "not taken";
    std::cout << "  " << kind_name(what.first) << " " << outcome << ": " << count << "\n";
  }
  for (const ReportLine& line : report.lines) {
    if (line.outcome != Outcome::kNotTaken && line.outcome != Outcome::kSkipped) continue;
    std::cout << "    " << line.what << ": " << line.why << "\n";
  }
}

}  // namespace

int export_to_file(ExportCommand command) {
  const SystemClock clock;
  const Result<Secret> passphrase = ask_for_passphrase(true);
  if (!passphrase) return stop_with(passphrase.error().detail);
  auto open = open_store(command.sources, clock);
  if (!open) return stop_with(open.error().detail);
  const Cargo cargo = gather(open->contents, *open->keys, TableOfSettings(),
                             {.texts = open->settings.tokens,
                              .allowed = allowed_tokens(open->settings),
                              .relay = open->settings.relay_tokens});
  open->store->stop();
  const Result<std::string> text = write_export(
      cargo, *passphrase, {.made_by = WASAT_VERSION, .made = store::to_time(clock.wall())});
  if (!text) return stop_with(text.error().detail);
  if (const Result<> written = write_out(command.file, *text); !written) {
    return stop_with(written.error().detail);
  }
  std::cerr << fmt::format("wasat: exported {} credentials, {} tokens, {} settings, {} aliases\n",
                           cargo.credentials.size(), cargo.tokens.size(), cargo.settings.size(),
                           cargo.aliases.size());
  return 0;
}

int import_from_files(ImportCommand command) {
  const SystemClock clock;
  const TableOfSettings settings;
  auto open = open_store(command.sources, clock);
  if (!open) return stop_with(open.error().detail);
  Secret passphrase;
  int exit_code = 0;
  bool changed = false;
  for (const std::string& file : command.files) {
    const auto refuse = [&](const Error& error) {
      std::cerr << "wasat: " << file << ": " << error.detail << "\n";
      exit_code = 1;
    };
    const Result<std::string> bytes = read_in(file);
    if (!bytes) {
      refuse(bytes.error());
      continue;
    }
    if (is_export(*bytes) && passphrase.empty()) {
      Result<Secret> given = ask_for_passphrase(false);
      if (!given) return stop_with(given.error().detail);
      passphrase = std::move(*given);
    }
    const Result<ReadDocument> read = read_document(*bytes, passphrase, settings);
    if (!read) {
      refuse(read.error());
      continue;
    }
    if (command.replace && read->kind != DocumentKind::kExport) {
      refuse(client_error(ErrorKind::kInvalidRequest,
                          "only an export of Wasat's can replace what is here. Import this "
                          "without --replace"));
      continue;
    }
    Random random = Random::from_system();
    ImportPlan plan = plan_import(read->cargo, open->contents, *open->keys, settings,
                                  {.mode = command.replace ? Mode::kReplace : Mode::kMerge,
                                   .admin_password = command.admin_password,
                                   .now = store::to_time(clock.wall()),
                                   .new_id = [&] { return random.id(); }});
    print(file, read->kind, plan.report);
    if (command.dry_run || plan.changes.empty()) continue;
    if (const Result<> written = open->store->write_and_wait(std::move(plan.changes)); !written) {
      refuse(written.error());
      continue;
    }
    changed = true;
    // The next file meets what this one brought.
    Result<store::Contents> contents = open->store->load_all();
    if (!contents) return stop_with(contents.error().detail);
    open->contents = std::move(*contents);
    store::add_environment_credentials(open->contents, *open->keys, provider::kApiKey,
                                       open->settings.gemini_api_keys,
                                       store::to_time(clock.wall()));
  }
  open->store->stop();
  if (command.dry_run) std::cout << "Nothing was changed: this was a dry run.\n";
  if (changed) std::cout << "A Wasat that is running has this after its next start.\n";
  return exit_code;
}

}  // namespace wasat::app
