// What administrators send: no input crashes; keys that were found in a paste stand in it and
// could be keys; a path fits one route or none.

#include <cstdlib>

#include "admin/credential_form.h"
#include "admin/credential_list.h"
#include "admin/pasted_keys.h"
#include "admin/read_time.h"
#include "admin/routes.h"
#include "base/body.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace wasat;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  bool cut = false;
  for (const admin::PastedKey& key : admin::read_pasted_keys(text, 1000, cut)) {
    if (key.text.empty() || key.text.data() < text.data() ||
        key.text.data() + key.text.size() > text.data() + text.size()) {
      std::abort();
    }
    if (key.problem != admin::key_problem(key.text)) std::abort();
    if (key.problem.empty() && key.text.find_first_of(" \t\r\n,;\"'#") != std::string_view::npos) {
      std::abort();
    }
  }

  const admin::Match match = admin::find_route(admin::routes(), "GET", text);
  if (match.route != nullptr && !match.allowed.empty()) std::abort();
  (void)admin::read_time(text);

  const std::shared_ptr<Buffer> bytes = Buffer::copy_of(text);
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded(), 32);
  if (!root) return 0;
  admin::Fields fields(*root);
  const admin::CredentialForm form = admin::read_credential_form(fields);
  (void)admin::read_provider(fields);
  admin::Fields filter(fields.object("filter"), "filter");
  (void)admin::read_filter(filter);
  (void)fields.texts("keys", 100);
  if (const auto problem = fields.problem()) {
    if (problem->message.empty()) std::abort();
    (void)admin::refusal_body(*problem);
    return 0;
  }
  if (form.weight && *form.weight == 0) std::abort();
  return 0;
}
