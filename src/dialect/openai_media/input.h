// A media request's fields, whether they come as JSON or as a form with files.
//
// The first thing that is wrong stays in problem(); the caller reads everything
// it wants and looks once. A member that is null, and an empty field of a form,
// count as absent.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/conversation/source.h"
#include "dialect/dialect.h"
#include "http/multipart.h"

namespace wasat::dialect::openai_media {

class Input {
 public:
  // JSON or multipart/form-data, as the content type says.
  static Result<Input> read(const Request& request);

  std::optional<std::string> text(std::string_view name);
  // Numbers and booleans may come as strings: forms have nothing else.
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high);
  std::optional<double> number(std::string_view name);
  bool boolean(std::string_view name);

  // The member; absent in forms.
  json::Value json(std::string_view name) const;
  // The form's files of this name; "image" finds "image[]" and "image[1]" as well.
  std::vector<const http::FormPart*> files(std::string_view name) const;
  // Texts of a field that may be given several times ("include[]").
  std::vector<std::string> texts(std::string_view name);

  bool is_form() const { return form_; }
  const std::shared_ptr<Source>& source() const { return source_; }
  const std::optional<Error>& problem() const { return problem_; }
  void wrong(std::string detail, std::string_view name);

 private:
  std::shared_ptr<Source> source_;
  bool form_ = false;
  json::Value root_;
  std::vector<http::FormPart> parts_;
  std::optional<Error> problem_;
};

Error missing(std::string_view name);

// The MIME type of an uploaded file: what the client says, unless that says
// nothing; else from its name, else `otherwise`.
std::string mime_type_of(const http::FormPart& file, std::string_view otherwise);

}  // namespace wasat::dialect::openai_media
