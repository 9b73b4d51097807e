// Whatever a SOCKS5 proxy answers: never more than the bound is asked for, an error or an
// open tunnel comes of it, and no error holds the password.

#include <cstdlib>

#include "net/socks5.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using wasat::net::Socks5;
  if (size < 1) return 0;
  std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
  Socks5 socks((data[0] & 2) != 0 ? "example.com" : "192.0.2.1", 443,
               (data[0] & 1) != 0 ? "user" : "", "pass-word-of-the-proxy");
  (void)socks.take_output();
  while (socks.wants() > 0) {
    if (socks.wants() > Socks5::kMostAtOnce) std::abort();
    if (answer.size() < socks.wants()) return 0;
    const std::size_t wants = socks.wants();
    const wasat::Result<> taken = socks.take(answer.substr(0, wants));
    if (!taken) {
      if (taken.error().detail.contains("pass-word")) std::abort();
      return 0;
    }
    answer.remove_prefix(wants);
    if (socks.take_output().size() > 3 + 2 * (Socks5::kLongestText + 1) + 4) std::abort();
  }
  return 0;
}
