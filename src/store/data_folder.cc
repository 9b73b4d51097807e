#include "store/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace wasat::store {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refuse(std::string text) { return fail(internal_error(std::move(text))); }

std::string reason() { return std::strerror(errno); }

bool looks_like_ours(const std::string& path) {
  std::error_code ignored;
  return fs::is_empty(path, ignored) || fs::exists(database_path(path), ignored) ||
         fs::exists(path + "/master.key", ignored);
}

Result<> check_existing(const std::string& path, bool repair) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) {
    return refuse("cannot look at the data folder " + path + " (" + reason() +
                  "). Check the path and the rights of its parents, or set WASAT_DATA_DIR");
  }
  if (!S_ISDIR(info.st_mode)) {
    return refuse("the data folder " + path +
                  " is a file. Move it away, or set WASAT_DATA_DIR to a folder");
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return refuse("cannot write to the data folder " + path + " (" + reason() +
                  "). Give it to the user that runs Wasat: chown " + std::to_string(geteuid()) +
                  " " + path);
  }
  const bool ours = info.st_uid == geteuid();
  if (ours && (info.st_mode & 077) != 0 && looks_like_ours(path)) {
    if (!repair || chmod(path.c_str(), 0700) == 0) return {};
  }
  // A group alone may be how a container's volume is shared with its user.
  const bool too_open = (info.st_mode & 07) != 0 || (ours && (info.st_mode & 070) != 0);
  if (too_open) {
    return refuse("others can enter the data folder " + path +
                  ", which holds secrets. Close it: chmod 700 " + path +
                  " (or set WASAT_DATA_DIR to a folder of its own)");
  }
  return {};
}

}  // namespace

Result<> prepare_data_folder(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    const fs::path parent = fs::path(path).lexically_normal().parent_path();
    if (!parent.empty()) fs::create_directories(parent, error);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      return refuse("cannot make the data folder " + path + " (" + reason() +
                    "). Make it yourself (mkdir -m 700 " + path +
                    "), or set WASAT_DATA_DIR to a place that can be written to");
    }
  }
  return check_existing(path, true);
}

Result<> check_data_folder(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return {};
  return check_existing(path, false);
}

Result<> write_private_file(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    return refuse("cannot make the file " + path + " (" + reason() +
                  "). Check the rights and the free space of its folder");
  }
  bool written = fchmod(file, 0600) == 0;
  while (written && !text.empty()) {
    const ssize_t n = write(file, text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    written = n > 0 || (n < 0 && errno == EINTR);
  }
  written = written && fsync(file) == 0;
  const int problem = errno;
  close(file);
  if (written) return {};
  unlink(path.c_str());
  errno = problem;
  return refuse("cannot write the file " + path + " (" + reason() +
                "). Check the free space of its disk");
}

}  // namespace wasat::store
