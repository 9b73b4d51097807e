#include "app/passphrase_prompt.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace wasat::app {
namespace {

// The terminal without echo, as long as this lives.
class Quiet {
 public:
  explicit Quiet(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal_, &before_) != 0) return;
    changed_ = true;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() {
    if (changed_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }

 private:
  int terminal_;
  bool changed_ = false;
  termios before_{};
};

Result<Secret> ask(int terminal, std::string_view prompt) {
  const Quiet quiet(terminal);
  if (write(terminal, prompt.data(), prompt.size()) < 0) {
    return fail(internal_error("the terminal cannot be written to"));
  }
  std::array<char, 2048> line;
  const ssize_t size = read(terminal, line.data(), line.size());  // a line, by the terminal's care
  if (size <= 0) return fail(internal_error("no passphrase was given"));
  std::string_view text(line.data(), static_cast<std::size_t>(size));
  if (text.ends_with('\n')) text.remove_suffix(1);
  Secret secret(text);
  OPENSSL_cleanse(line.data(), line.size());
  return secret;
}

}  // namespace

Result<Secret> ask_for_passphrase(bool twice) {
  if (const char* given = std::getenv(std::string(kPassphraseVariable).c_str())) {
    return Secret(given);
  }
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "a passphrase is needed. Set WASAT_PASSPHRASE, or start this on a "
                             "terminal"));
  }
  Result<Secret> first = ask(terminal, "Passphrase: ");
  if (first && twice) {
    const Result<Secret> second = ask(terminal, "The same again: ");
    if (!second || !second->equals(first->reveal())) {
      first = fail(client_error(ErrorKind::kInvalidRequest, "the passphrases differ. Try again"));
    }
  }
  close(terminal);
  return first;
}

}  // namespace wasat::app
