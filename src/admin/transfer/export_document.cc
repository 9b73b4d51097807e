#include "admin/transfer/export_document.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>
#include <memory>

#include "admin/transfer/cargo_json.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/random.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::admin::transfer {
namespace {

constexpr std::string_view kMark = "wasat_export";
constexpr std::string_view kKind = "argon2id";
constexpr std::string_view kProof = "wasat";
constexpr std::size_t kSaltBytes = 16;

// Everything before the sealed content.
struct Head {
  std::int64_t format = kExportFormat;
  std::string made_by;
  std::string made;
  std::int64_t credentials = 0;
  std::int64_t tokens = 0;
  std::int64_t settings = 0;
  std::int64_t aliases = 0;
  account::Stretching stretching{};
  std::string salt;

  // What the content is bound to. Part of the format.
  std::string place(std::string_view member) const {
    return fmt::format("wasat export|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", member, format,
                       hex(made_by), hex(made), credentials, tokens, settings, aliases,
                       stretching.kibibytes, stretching.passes, stretching.lanes, hex(salt));
  }
};

Error damaged(std::string_view what) {
  return client_error(ErrorKind::kInvalidRequest,
                      fmt::format("the export is damaged: {}. Use another copy of it", what));
}

// A copy that is wiped when it ends, with room behind it for the reader.
class Plain {
 public:
  explicit Plain(const Secret& secret) : buffer_(secret.size() + kPadding) {
    const std::string_view text = secret.reveal();
    text.copy(buffer_.data(), text.size());
    buffer_.resize(text.size());
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain() { OPENSSL_cleanse(buffer_.data(), buffer_.size()); }
  PaddedView view() const { return buffer_.padded(); }

 private:
  Buffer buffer_;
};

std::optional<std::uint32_t> small_number(json::Value value) {
  const auto number = value.integer();
  if (!number || *number < 0 || *number > 0xffffffff) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

Result<Head> read_head(json::Value root) {
  Head head;
  const auto format = root[kMark].integer();
  if (!root.is_object() || !format) {
    return fail(client_error(ErrorKind::kInvalidRequest, "this is not an export of Wasat's"));
  }
  head.format = *format;
  head.made_by = root["made_by"].string_or("");
  if (head.format > kExportFormat) {
    return fail(client_error(
        ErrorKind::kInvalidRequest,
        fmt::format("the export was made by a newer Wasat{}{}, in format {}; this one reads up to "
                    "{}. Update this Wasat, or export again with one that is as old",
                    head.made_by.empty() ? "" : " ", head.made_by.substr(0, 40), head.format,
                    kExportFormat)));
  }
  head.made = root["made"].string_or("");
  const json::Value holds = root["holds"];
  const json::Value work = root["stretching"];
  const auto kibibytes = small_number(work["kibibytes"]);
  const auto passes = small_number(work["passes"]);
  const auto lanes = small_number(work["lanes"]);
  const auto salt = from_base64(work["salt"].string_or(""));
  if (head.format < 1 || work["kind"].string_or("") != kKind || !kibibytes || !passes || !lanes ||
      !salt) {
    return fail(damaged("its head is incomplete"));
  }
  head.credentials = holds["credentials"].integer().value_or(0);
  head.tokens = holds["tokens"].integer().value_or(0);
  head.settings = holds["settings"].integer().value_or(0);
  head.aliases = holds["aliases"].integer().value_or(0);
  head.stretching = {.kibibytes = *kibibytes, .passes = *passes, .lanes = *lanes};
  head.salt = *salt;
  return head;
}

}  // namespace

Result<std::string> write_export(const Cargo& cargo, const Secret& passphrase,
                                 const ExportOptions& options) {
  std::array<unsigned char, kSaltBytes> salt;
  secure_bytes(salt);
  const Head head{
      .format = kExportFormat,
      .made_by = options.made_by,
      .made = fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(options.made)),
      .credentials = static_cast<std::int64_t>(cargo.credentials.size()),
      .tokens = static_cast<std::int64_t>(cargo.tokens.size()),
      .settings = static_cast<std::int64_t>(cargo.settings.size()),
      .aliases = static_cast<std::int64_t>(cargo.aliases.size()),
      .stretching = options.stretching,
      .salt = std::string(salt.begin(), salt.end())};
  Result<Secret> key = account::stretch(passphrase, head.salt, head.stretching);
  if (!key) return fail(key.error());
  const SealKey seal(std::move(*key));
  std::string content = cargo_to_json(cargo);
  const std::string sealed = seal.seal(content, head.place("sealed"));
  OPENSSL_cleanse(content.data(), content.size());

  std::string text;
  json::Writer out(text);
  out.begin_object()
      .member(kMark, head.format)
      .member("made_by", head.made_by)
      .member("made", head.made)
      .key("holds")
      .begin_object()
      .member("credentials", head.credentials)
      .member("tokens", head.tokens)
      .member("settings", head.settings)
      .member("aliases", head.aliases)
      .end_object()
      .key("stretching")
      .begin_object()
      .member("kind", kKind)
      .member("kibibytes", std::int64_t{head.stretching.kibibytes})
      .member("passes", std::int64_t{head.stretching.passes})
      .member("lanes", std::int64_t{head.stretching.lanes})
      .member("salt", to_base64(head.salt))
      .end_object()
      .member("proof", to_base64(seal.seal(kProof, head.place("proof"))))
      .member("sealed", to_base64(sealed))
      .end_object();
  return text;
}

bool is_export(std::string_view text) {
  // Cut short, it is one that is damaged, and should be called that.
  return text.substr(0, 256).find("\"wasat_export\"") != std::string_view::npos;
}

Result<Cargo> read_export(PaddedView text, const Secret& passphrase) {
  if (text.size() > kMostDocumentBytes) {
    return fail(client_error(ErrorKind::kTooLarge, "the export is larger than any can be"));
  }
  json::Document document;
  const Result<json::Value> root = document.parse(text);
  if (!root) return fail(damaged(root.error().detail));
  const Result<Head> head = read_head(*root);
  if (!head) return fail(head.error());
  const auto proof = from_base64((*root)["proof"].string_or(""));
  const auto sealed = from_base64((*root)["sealed"].string_or(""));
  if (!proof || !sealed) return fail(damaged("its content is not what was written"));

  Result<Secret> key = account::stretch(passphrase, head->salt, head->stretching);
  if (!key) return fail(key.error());
  const SealKey seal(std::move(*key));
  const Result<Secret> proven = seal.open(*proof, head->place("proof"));
  if (!proven || !proven->equals(kProof)) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the passphrase is not the one that the export was made with (or its "
                             "head was changed)",
                             "passphrase"));
  }
  const Result<Secret> content = seal.open(*sealed, head->place("sealed"));
  if (!content) return fail(damaged("its content is not what was written"));
  const Plain plain(*content);
  return cargo_from_json(plain.view());
}

}  // namespace wasat::admin::transfer
