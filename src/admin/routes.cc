#include "admin/routes.h"

#include <array>

#include "admin/add_credentials.h"
#include "admin/audit_pages.h"
#include "admin/change_credentials.h"
#include "admin/credentials.h"
#include "admin/job_pages.h"
#include "admin/session_pages.h"
#include "admin/setting_pages.h"
#include "admin/tokens.h"

namespace wasat::admin {

std::span<const std::span<const Route>> routes() {
  static const std::array kAll = {
      session_routes(),
      credential_routes(),
      add_credentials_routes(),
      change_credentials_routes(),
      token_routes(),
      setting_routes(),
      job_routes(),
      audit_routes(),
  };
  return kAll;
}

}  // namespace wasat::admin
