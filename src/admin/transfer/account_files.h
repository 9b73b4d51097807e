// Accounts that other gateways keep as JSON: of Gemini Enterprise
// (business_gemini_session.json) and of Code Assist (four forms of an OAuth account).
//
// This Wasat keeps them whole and sealed, as credentials that need a person, until it
// has providers for them: nothing is lost, and nothing is used that cannot work.
// Pure functions.

#pragma once

#include <optional>
#include <string_view>

#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"
#include "json/reader.h"

namespace wasat::admin::transfer {

inline constexpr std::string_view kEnterprise = "enterprise";
inline constexpr std::string_view kCodeAssist = "code_assist";

// An account of Gemini Enterprise: an object with "secure_c_ses" and "csesidx".
bool is_enterprise_account(json::Value value);
// {"accounts": [...], ...}, a list of accounts, or one account.
bool is_enterprise_file(json::Value root);
void add_enterprise_file(Cargo& cargo, const KnownSettings& settings, json::Value root);
void add_enterprise_account(Cargo& cargo, json::Value account);

// An OAuth account: with a refresh token, at any of the places where programs put it.
bool is_code_assist_file(json::Value root);
void add_code_assist_file(Cargo& cargo, json::Value root);

}  // namespace wasat::admin::transfer
