#include "admin/routes.h"

#include <array>

#include "admin/credentials.h"
#include "admin/session_pages.h"

namespace wasat::admin {

std::span<const std::span<const Route>> routes() {
  static const std::array kAll = {
      session_routes(),
      credential_routes(),
  };
  return kAll;
}

}  // namespace wasat::admin
