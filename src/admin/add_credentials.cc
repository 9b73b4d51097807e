#include "admin/add_credentials.h"

#include <memory>

#include "admin/context.h"
#include "admin/credential_form.h"
#include "admin/fields.h"
#include "admin/job_pages.h"
#include "admin/pasted_keys.h"
#include "admin/write_json.h"
#include "base/random.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMostKeys = 200'000;
constexpr std::size_t kMostBytes = 32u << 20;
// In one transaction. What fits into the first is answered at once; publishing costs time in
// proportion to the pool, so the others are larger.
constexpr std::size_t kAtFirst = 1000;
constexpr std::size_t kAtOnce = 10'000;
constexpr std::size_t kMostTold = 1000;

struct Candidate {
  std::size_t line = 0;
  store::Credential row;
};

struct Told {
  std::size_t line = 0;
  std::string mask;
  std::string problem;
};

// What is still to be added, and what was found out.
class Adding {
 public:
  Adding(Registry& registry, std::vector<Candidate> candidates, std::vector<Told> invalid)
      : registry_(registry),
        candidates_(std::move(candidates)),
        known_(registry.fingerprints()),
        known_before_(known_),
        invalid_(std::move(invalid)) {}

  bool step(Job& job) {
    std::vector<store::Credential> rows;
    const std::size_t end = std::min(candidates_.size(), next_ + (next_ == 0 ? kAtFirst : kAtOnce));
    for (; next_ < end; ++next_) {
      Candidate& each = candidates_[next_];
      const std::string print = registry_.fingerprint(each.row.provider, each.row.secret);
      if (known_.insert(print).second) {
        rows.push_back(std::move(each.row));
        continue;
      }
      ++duplicate_count_;
      if (duplicates_.size() < kMostTold) {
        duplicates_.push_back({each.line, each.row.secret.mask(),
                               known_before_.contains(print) ? "is in the pool already"
                                                             : "stands twice in what was sent"});
      }
    }
    const std::size_t count = rows.size();
    if (count > 0) {
      if (Result<> added = registry_.add_credentials(std::move(rows)); !added) {
        job.problem = added.error().detail + " (" + std::to_string(added_) + " were added)";
        return true;
      }
    }
    added_ += count;
    job.done = next_;
    if (next_ < candidates_.size()) return false;
    job.result = result();
    return true;
  }

 private:
  static void write(json::Writer& writer, std::string_view name, const std::vector<Told>& list) {
    writer.key(name).begin_array();
    for (std::size_t i = 0; i < std::min(list.size(), kMostTold); ++i) {
      writer.begin_object()
          .member("line", static_cast<std::int64_t>(list[i].line))
          .member("key", list[i].mask)
          .member("problem", list[i].problem)
          .end_object();
    }
    writer.end_array();
  }

  std::string result() const {
    std::string text;
    json::Writer writer(text);
    writer.begin_object()
        .member("added", static_cast<std::int64_t>(added_))
        .member("duplicates", static_cast<std::int64_t>(duplicate_count_))
        .member("malformed", static_cast<std::int64_t>(invalid_.size()));
    write(writer, "duplicate", duplicates_);
    write(writer, "invalid", invalid_);
    writer.end_object();
    return text;
  }

  Registry& registry_;
  std::vector<Candidate> candidates_;
  std::unordered_set<std::string> known_;
  const std::unordered_set<std::string> known_before_;
  std::vector<Told> invalid_;
  std::vector<Told> duplicates_;
  std::size_t duplicate_count_ = 0;
  std::size_t added_ = 0;
  std::size_t next_ = 0;
};

// Reads what a request brings into candidates and what cannot be one.
class Reading {
 public:
  Reading(Fields& fields, store::Time now) : fields_(fields), now_(now) {}

  void run() {
    provider_ = read_provider(fields_);
    form_ = read_credential_form(fields_);
    const std::optional<std::string> text = fields_.text("text", kMostBytes);
    const json::Value keys = fields_.list("keys");
    const json::Value list = fields_.list("credentials");
    if (int{text.has_value()} + int{static_cast<bool>(keys)} + int{static_cast<bool>(list)} != 1) {
      fields_.wrong("text", "exactly one of text, keys and credentials is wanted");
      return;
    }
    if (text) pasted(*text);
    for (const json::Value key : keys) {
      ++line_;
      const std::string_view value = trimmed(key.string_or(""));
      add(value, key_problem(value), form_);
    }
    for (const json::Value item : list) {
      ++line_;
      Fields own(item, "credentials[" + std::to_string(line_ - 1) + "]");
      CredentialForm form = read_credential_form(own);
      if (!form.tier) form.tier = form_.tier;
      if (!form.weight) form.weight = form_.weight;
      if (!form.most_leases) form.most_leases = form_.most_leases;
      if (!form.proxy) form.proxy = form_.proxy;
      if (!form.note) form.note = form_.note;
      const std::string key = own.text("key", kMostBytes).value_or("");
      if (const auto problem = own.problem()) {
        fields_.wrong(problem->field, problem->message, problem->remedy);
        return;
      }
      add(trimmed(key), key_problem(trimmed(key)), form);
    }
    if (candidates.size() + invalid.size() > kMostKeys) {
      fields_.wrong("keys", "more than " + std::to_string(kMostKeys) + " keys at once",
                    "send them in several requests");
    }
  }

  std::vector<Candidate> candidates;
  std::vector<Told> invalid;

 private:
  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t from = std::min(text.find_first_not_of(kBlanks), text.size());
    text.remove_prefix(from);
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
  }

  void pasted(std::string_view text) {
    bool cut = false;
    for (const PastedKey& key : read_pasted_keys(text, kMostKeys, cut)) {
      line_ = key.line;
      add(key.text, key.problem, form_);
    }
    if (cut) {
      fields_.wrong("text", "more than " + std::to_string(kMostKeys) + " keys at once",
                    "send them in several requests");
    }
  }

  void add(std::string_view key, const std::string& problem, const CredentialForm& form) {
    if (!problem.empty()) {
      invalid.push_back({line_, Secret(key).mask(), problem});
      return;
    }
    store::Credential row{.id = std::string(secure_text(20).reveal()),
                          .provider = provider_,
                          .secret = Secret(key),
                          .created = now_,
                          .updated = now_};
    form.apply(row);
    candidates.push_back({line_, std::move(row)});
  }

  Fields& fields_;
  const store::Time now_;
  std::string provider_;
  CredentialForm form_;
  std::size_t line_ = 0;
};

Answer add_many(Context& context, Call& call) {
  Fields fields(call.body);
  Reading reading(fields, store::to_time(context.clock.wall()));
  reading.run();
  if (const auto problem = fields.problem()) return refuse(*problem);
  call.target = std::to_string(reading.candidates.size()) + " credentials";
  const std::size_t total = reading.candidates.size();
  auto adding = std::make_unique<Adding>(context.registry, std::move(reading.candidates),
                                         std::move(reading.invalid));
  const std::shared_ptr<Job> job = context.jobs.start(
      "credentials.add", total, [adding = std::move(adding)](Job& at) { return adding->step(at); });
  return job_answer(*job);
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/credentials/bulk",
     .action = "credentials.add",
     .handle = add_many,
     .most_body = kMostBytes},
};

}  // namespace

std::span<const Route> add_credentials_routes() { return kRoutes; }

}  // namespace wasat::admin
