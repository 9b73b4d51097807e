#include "app/first_start.h"

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>

#include "account/admin_password.h"
#include "account/token_table.h"
#include "base/random.h"
#include "store/data_folder.h"

namespace wasat::app {
namespace {

constexpr std::string_view kFileName = "first-start.txt";

// Text that holds secrets while it is put together.
class Page {
 public:
  Page() { text_.reserve(1024); }  // so that it is not moved, leaving copies behind
  ~Page() { OPENSSL_cleanse(text_.data(), text_.size()); }
  Page& operator<<(std::string_view text) {
    text_.append(text);
    return *this;
  }
  std::string_view view() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

Result<FirstStart> first_start(const Settings& settings, store::Contents& contents,
                               store::Store& store, const store::Keys& keys, const Clock& clock,
                               bool on_terminal) {
  std::vector<store::Change> changes;
  const store::Time now = store::to_time(clock.wall());
  Page page;
  page << "Wasat starts for the first time. Keep these, they are shown only once:\n\n";

  FirstStart made;
  if (settings.admin_password.empty() && contents.admin_password_hash.empty()) {
    made.admin_password = account::make_password();
    contents.admin_password_hash = account::hash_password(made.admin_password.reveal());
    changes.emplace_back(store::SetAdminPassword{contents.admin_password_hash, now});
    page << "  admin password  " << made.admin_password.reveal() << "\n";
  }
  if (settings.tokens.empty() && contents.tokens.empty()) {
    account::NewToken token = account::make_token(Random::from_system().id(), "first token",
                                                  account::Allowed::owned(), keys.tokens, now);
    changes.emplace_back(store::PutToken{token.row});
    contents.tokens.push_back(std::move(token.row));
    made.client_token = std::move(token.text);
    page << "  client token    " << made.client_token.reveal() << "\n";
  }
  if (changes.empty()) return made;

  made.made_something = true;
  const std::string path = settings.data_dir + "/" + std::string(kFileName);
  if (on_terminal) {
    made.message = Secret(page.view());
  } else {
    // One from an earlier start that was cut short says what is no longer true.
    unlink(path.c_str());
    page << "\nDelete this file when you have read it.\n";
    if (auto written = store::write_private_file(path, page.view()); !written) {
      return std::unexpected(std::move(written.error()));
    }
    made.message = Secret("Wasat starts for the first time. What it made is in " + path +
                          ": read it, then delete it.\n");
  }
  if (auto stored = store.write_and_wait(std::move(changes)); !stored) {
    if (!on_terminal) unlink(path.c_str());
    return std::unexpected(std::move(stored.error()));
  }
  return made;
}

bool expects_nodes(const Settings& settings, std::span<const store::Token> stored) {
  const auto lets_nodes_in = [](const store::Token& token) {
    return !token.disabled && account::read_token_kind(token.kind) == account::TokenKind::kRelay;
  };
  return settings.relay_enabled && (settings.relay_open || !settings.relay_tokens.empty() ||
                                    std::ranges::any_of(stored, lets_nodes_in));
}

std::string no_credential_hint(const Settings& settings, const store::Contents& contents) {
  if (!contents.credentials.empty()) return {};
  if (expects_nodes(settings, contents.tokens)) return {};
  return "There is no API key yet, so calls are answered with 503. Get one at "
         "https://aistudio.google.com/apikey and start again with GEMINI_API_KEYS=key1,key2, or "
         "put it under [gemini] api_keys in the configuration file.";
}

}  // namespace wasat::app
