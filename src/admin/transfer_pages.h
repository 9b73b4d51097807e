// The resources /export and /import.
//
//   POST /export  {"password", "passphrase"}: everything, as a document sealed with the
//                 passphrase. The admin password is asked for again: an open session alone
//                 must not be enough to carry every key away.
//   POST /import  {"document" or "document_base64", "passphrase"?, "mode"?, "dry_run"?,
//                 "admin_password"?}: a document of any known kind, told by its content.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> transfer_routes();

}  // namespace wasat::admin
