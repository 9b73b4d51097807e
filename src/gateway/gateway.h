// Gateway: hands each request of one worker to the exchange or page that it asks for.

#pragma once

#include <string>

#include "gateway/key_census.h"
#include "gateway/route.h"
#include "gateway/shared.h"
#include "http/message.h"

namespace wasat::gateway {

class Gateway final : public http::Handler {
 public:
  Gateway(const Shared& shared, Worker& worker)
      : shared_(shared), worker_(worker), keys_(shared.pool, shared.clock, worker.loop) {}

  Task<> handle(http::ServerRequest& request, http::ServerResponse& response) override;
  std::string refusal(const Error& error, std::string_view target) override;

 private:
  WASAT_OWN_FRAME Task<> show_page(http::ServerRequest& request, http::ServerResponse& response,
                                   std::string path);
  WASAT_OWN_FRAME Task<> too_many_tries(http::ServerResponse& response, std::chrono::seconds wait);
  WASAT_OWN_FRAME Task<> live(http::ServerRequest& request, http::ServerResponse& response,
                              Route route);
  WASAT_OWN_FRAME Task<> admit_node(http::ServerRequest& request, http::ServerResponse& response,
                                    Route route);
  // media_page.cc
  WASAT_OWN_FRAME Task<> show_media(http::ServerRequest& request, http::ServerResponse& response,
                                    std::string name);
  // applet_page.cc
  WASAT_OWN_FRAME Task<> show_applet(http::ServerRequest& request, http::ServerResponse& response,
                                     std::string name);
  WASAT_OWN_FRAME Task<> preflight(http::ServerRequest& request, http::ServerResponse& response);
  WASAT_OWN_FRAME Task<> unknown(http::ServerResponse& response, std::string path);

  const Shared& shared_;
  Worker& worker_;
  KeyCounter keys_;
};

}  // namespace wasat::gateway
