#include "observe/process.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace wasat::observe {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double start_time() {
  // The moment at which the kernel made the folder of this process.
  struct stat info{};
  if (stat("/proc/self", &info) != 0) return 0;
  return static_cast<double>(info.st_ctim.tv_sec);
}

}  // namespace

void collect_process(Samples& samples) {
  samples.add(Metric::kBuildInfo, 1, {WASAT_VERSION});
  static const double started = start_time();
  samples.add(Metric::kProcessStartTime, started);

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  samples.add(Metric::kProcessCpu, seconds(usage.ru_utime) + seconds(usage.ru_stime));

  std::uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  samples.add(Metric::kProcessMemory,
              static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));

  std::error_code error;
  std::size_t files = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++files;
  }
  samples.add(Metric::kProcessFiles, static_cast<double>(files));
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  samples.add(Metric::kProcessFilesMax, static_cast<double>(limit.rlim_cur));
}

}  // namespace wasat::observe
