// How the system's certificate authorities are found.
//
// A folder that is laid out for look-ups by a certificate's hash gives up those that are
// asked for, when they are. A file holds all of them: parsing it takes 5 MB and 20 to
// 60 ms at every start, so it is read only where there is no such folder, or where
// SSL_CERT_FILE names it, since then it may say what no folder does.

#pragma once

#include <string_view>

namespace wasat::net {

// Start-up only: it looks into the folders. `folders`: what SSL_CERT_DIR says, else OpenSSL's
// default, with ':' between several. `named_file`: SSL_CERT_FILE, or nullptr.
bool needs_authority_file(std::string_view folders, const char* named_file);

}  // namespace wasat::net
