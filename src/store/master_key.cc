#include "store/master_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/random.h"
#include "store/data_folder.h"

namespace wasat::store {
namespace {

std::unexpected<Error> refuse(std::string text) { return fail(internal_error(std::move(text))); }

struct File {
  int descriptor;
  ~File() {
    if (descriptor >= 0) close(descriptor);
  }
};

Result<Secret> create_master_key_file(const std::string& file) {
  std::array<unsigned char, kMasterKeyBytes> bytes;
  secure_bytes(bytes);
  std::string text = hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  Secret key(text);
  text.push_back('\n');
  const Result<> written = write_private_file(file, text);
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!written) return std::unexpected(written.error());
  return key;
}

}  // namespace

Result<Secret> read_master_key_file(const std::string& path) {
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info{};
  if (file.descriptor < 0 || fstat(file.descriptor, &info) != 0) {
    return refuse("cannot read the key file " + path + " (" + std::strerror(errno) +
                  "). Restore it, or make it readable for the user that runs Wasat");
  }
  if (!S_ISREG(info.st_mode)) {
    return refuse("the key file " + path + " is not a file. Set WASAT_KEY_FILE to one");
  }
  if ((info.st_mode & 077) != 0) {
    return refuse("others can read the key file " + path + ". Close it: chmod 600 " + path);
  }
  std::array<char, 4096> bytes;
  const ssize_t size = read(file.descriptor, bytes.data(), bytes.size());
  std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  Secret key(text);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (key.size() < kMasterKeyBytes) {
    return refuse("the key file " + path + " has " + std::to_string(key.size()) +
                  " bytes, at least 32 are needed. Restore it from your backup; if there is no "
                  "database yet, delete it and a new one is made");
  }
  return key;
}

Result<Secret> load_or_create_master_key(const Secret& configured, const std::string& file,
                                         const std::string& database) {
  if (!configured.empty()) {
    if (configured.size() >= kMasterKeyBytes) return configured;
    return refuse("API_KEY_ENCRYPTION_KEY has " + std::to_string(configured.size()) +
                  " bytes, at least 32 are needed. Make one with: openssl rand -hex 32");
  }
  std::error_code error;
  if (std::filesystem::exists(file, error) || error) return read_master_key_file(file);
  if (std::filesystem::exists(database, error)) {
    return refuse("the database " + database + " is there, but the key that its secrets are " +
                  "sealed with is not. Restore the key file " + file +
                  ", or set API_KEY_ENCRYPTION_KEY to the value it was made with. To start "
                  "afresh, move the database away");
  }
  return create_master_key_file(file);
}

}  // namespace wasat::store
