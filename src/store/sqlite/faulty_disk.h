// FaultyDisk: while it lives, SQLite's files are on a disk that can be made to fail, for tests.
//
// Files that are opened meanwhile go through it, and must be closed before it ends.

#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

namespace wasat::store {

class FaultyDisk {
 public:
  FaultyDisk() {
    real_ = sqlite3_vfs_find(nullptr);
    ours_ = *real_;
    ours_.zName = "faulty";
    ours_.pNext = nullptr;
    ours_.xOpen = open;
    sqlite3_vfs_register(&ours_, 1);
    failure_ = SQLITE_OK;
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&ours_);
    sqlite3_vfs_register(real_, 1);
  }

  // What every writing gives: SQLITE_FULL, SQLITE_IOERR_WRITE; SQLITE_OK: it works again.
  void writing_gives(int code) { failure_ = code; }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods == nullptr) return code;
    // The same methods, but for one: the file itself stays the system's.
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Methods>& methods = methods_[file->pMethods];
    if (methods == nullptr) methods = std::make_unique<Methods>(*file->pMethods);
    file->pMethods = &methods->changed;
    return code;
  }

  struct Methods {
    explicit Methods(const sqlite3_io_methods& real) : changed(real) {
      write = real.xWrite;
      changed.xWrite = [](sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
        if (const int code = failure_.load(); code != SQLITE_OK) return code;
        return write(file, data, size, offset);
      };
    }
    sqlite3_io_methods changed;
    // Linux has one way to write.
    static inline int (*write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  };

  static inline sqlite3_vfs* real_ = nullptr;
  static inline std::atomic<int> failure_{SQLITE_OK};
  static inline std::mutex mutex_;
  static inline std::map<const sqlite3_io_methods*, std::unique_ptr<Methods>> methods_;
  sqlite3_vfs ours_;
};

}  // namespace wasat::store
