// What the settings say, as the options of each part. Pure: the settings were checked when they
// were read.

#pragma once

#include <span>
#include <vector>

#include "account/prices.h"
#include "admin/administration.h"
#include "app/settings.h"
#include "gateway/media_cache.h"
#include "gateway/memory.h"
#include "gateway/shared.h"
#include "http/client.h"
#include "http/server.h"
#include "pool/options.h"
#include "relay/hub.h"
#include "store/ledger.h"

namespace wasat::app {

pool::PoolOptions pool_options(const Settings& settings);
relay::Options relay_options(const Settings& settings, std::span<const store::Token> tokens);
gateway::Options gateway_options(const Settings& settings);
admin::Options admin_options(const Settings& settings);
account::Allowed allowed_of(const Settings& settings);
account::Limits limits_of(const Settings& settings);
account::Prices prices_of(const Settings& settings);
admin::FromSettings from_settings(const Settings& settings);
gateway::Memory::Limits memory_limits(const Settings& settings);
gateway::MediaCache::Options media_options(const Settings& settings);
http::ServerOptions server_options(const Settings& settings, ByteBudget& body_budget);
http::ClientOptions client_options(const Settings& settings);
std::vector<gemini::ModelAlias> alias_rows(const Settings& settings,
                                           const store::Contents& contents);
store::LedgerLimits ledger_limits(const Settings& settings);

}  // namespace wasat::app
