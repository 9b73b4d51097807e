#include "admin/routes.h"

#include <array>

#include "admin/add_credentials.h"
#include "admin/audit_pages.h"
#include "admin/change_credentials.h"
#include "admin/compat/routes.h"
#include "admin/credentials.h"
#include "admin/event_stream.h"
#include "admin/job_pages.h"
#include "admin/logs.h"
#include "admin/models.h"
#include "admin/nodes.h"
#include "admin/openapi.h"
#include "admin/session_pages.h"
#include "admin/setting_pages.h"
#include "admin/statistics.h"
#include "admin/tokens.h"
#include "admin/transfer_pages.h"
#include "admin/verify_credentials.h"

namespace wasat::admin {

std::span<const std::span<const Route>> routes() {
  static const std::array all = {
      session_routes(),
      credential_routes(),
      add_credentials_routes(),
      change_credentials_routes(),
      verify_credentials_routes(),
      token_routes(),
      node_routes(),
      setting_routes(),
      job_routes(),
      audit_routes(),
      model_routes(),
      statistics_routes(),
      log_routes(),
      event_routes(),
      transfer_routes(),
      openapi_routes(),
  };
  return all;
}

std::span<const std::span<const Route>> compatibility_routes() {
  static const std::array all = {
      compat::reset_routes(),
      compat::key_routes(),
      compat::verify_routes(),
      compat::log_routes(),
  };
  return all;
}

}  // namespace wasat::admin
