#include "http/multipart.h"

#include <gtest/gtest.h>

namespace wasat::http {
namespace {

constexpr std::string_view kForm =
    "--XX\r\n"
    "Content-Disposition: form-data; name=\"model\"\r\n"
    "\r\n"
    "whisper-1\r\n"
    "--XX\r\n"
    "content-disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a \\\"b\\\".wav\"\r\n"
    "Content-Type: audio/wav\r\n"
    "\r\n"
    "RIFF\r\n--X\r\n\r\n"
    "\r\n--XX--\r\n";

TEST(Multipart, PartsComeInOrderWithTheirBytesUntouched) {
  const auto parts = parse_form("XX", kForm);
  ASSERT_TRUE(parts.has_value()) << parts.error().detail;
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].name, "model");
  EXPECT_EQ((*parts)[0].bytes, "whisper-1");
  EXPECT_EQ((*parts)[0].filename, std::nullopt);
  EXPECT_EQ((*parts)[1].name, "file");
  EXPECT_EQ((*parts)[1].filename, "a \"b\".wav");
  EXPECT_EQ((*parts)[1].content_type, "audio/wav");
  EXPECT_EQ((*parts)[1].bytes, "RIFF\r\n--X\r\n\r\n");
  EXPECT_GE((*parts)[1].bytes.data(), kForm.data());
  EXPECT_LT((*parts)[1].bytes.data(), kForm.data() + kForm.size());
}

TEST(Multipart, TheBoundaryIsFoundInTheContentType) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=XX"), "XX");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b'c\""), "a b'c");
  EXPECT_EQ(form_boundary("multipart/form-data"), "");
  EXPECT_EQ(form_boundary("application/json; boundary=XX"), "");
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=a\tb"), "");
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + std::string(71, 'a')), "");
}

TEST(Multipart, EmptyPartsAndEmptyFormsAreFine) {
  const auto none = parse_form("X", "--X--");
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
  const auto empty =
      parse_form("X", "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--X--\r\n");
  ASSERT_TRUE(empty.has_value()) << empty.error().detail;
  ASSERT_EQ(empty->size(), 1u);
  EXPECT_EQ((*empty)[0].name, "a");
  EXPECT_EQ((*empty)[0].bytes, "");
}

TEST(Multipart, APreambleAndAnEpilogueAreIgnored) {
  const auto parts = parse_form(
      "X", "hello\r\n--X \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--\r\nbye");
  ASSERT_TRUE(parts.has_value()) << parts.error().detail;
  EXPECT_EQ((*parts)[0].bytes, "1");
}

TEST(Multipart, FileNamesMayBeEncoded) {
  const auto parts = parse_form("X",
                                "--X\r\nContent-Disposition: form-data; name=\"f\"; "
                                "filename*=UTF-8''na%C3%AFve.wav; filename=\"plain.wav\"\r\n\r\n"
                                "1\r\n--X--");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ((*parts)[0].filename, "na\xC3\xAFve.wav");
}

TEST(Multipart, BrokenFormsAreRefused) {
  for (const char* form : {"", "--", "nothing", "--X", "--X\r\n", "--Xy", "--X\r\n\r\n\r\n--X--",
                           "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
                           "--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n--X--",
                           "--X\r\nno colon\r\n\r\n1\r\n--X--", "--X\r\nA: b\r\n\r\n1\r\n--X--"}) {
    EXPECT_FALSE(parse_form("X", form).has_value()) << form;
  }
}

TEST(Multipart, PartsAndHeadsHaveBounds) {
  std::string form;
  for (int i = 0; i < 3; ++i) {
    form += "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
  }
  form += "--X--";
  EXPECT_TRUE(parse_form("X", form, {.parts = 3}).has_value());
  EXPECT_EQ(parse_form("X", form, {.parts = 2}).error().kind, ErrorKind::kTooLarge);
  EXPECT_FALSE(parse_form("X", form, {.head_bytes = 20}).has_value());
}

}  // namespace
}  // namespace wasat::http
