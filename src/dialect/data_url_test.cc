#include "dialect/data_url.h"

#include <gtest/gtest.h>

namespace wasat::dialect {
namespace {

TEST(DataUrl, CleanDataIsNotCopied) {
  for (const std::string& payload :
       {std::string(100'000, 'A'), std::string("\\/9j\\/4AAQ"), std::string("-_-_")}) {
    const std::string url = "data:image/png;base64," + payload;
    const auto data = read_data_url(url);
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->rewritten.empty());
    EXPECT_EQ(data->data().data(), url.data() + url.size() - payload.size());
    EXPECT_EQ(data->data().size(), payload.size());
  }
}

TEST(DataUrl, OneDirtyByteAnywhereIsFound) {
  for (const std::size_t at : {0u, 1u, 4095u, 4096u, 9999u}) {
    std::string url = "data:image/png;base64," + std::string(10'000, 'A');
    url[url.size() - 10'000 + at] = ' ';
    const auto data = read_data_url(url);
    ASSERT_TRUE(data);
    EXPECT_EQ(data->data(), std::string(9'999, 'A')) << at;
  }
}

TEST(DataUrl, TellsWhatIsNone) {
  for (const char* text :
       {"", "data", "data:", "data:image/png;base64", "https://a/b,c", "xdata:,a"}) {
    EXPECT_FALSE(read_data_url(text)) << text;
  }
  EXPECT_FALSE(read_data_url("data:" + std::string(5000, 'x') + ",AAAA"));
}

TEST(DataUrl, KnowsTypes) {
  EXPECT_EQ(sniffed_mime_type("iVBORw0KGgoAAAA"), "image/png");
  EXPECT_EQ(sniffed_mime_type("nothing"), "");
  EXPECT_EQ(mime_type_of_file("a.b.PDF"), "application/pdf");
  EXPECT_EQ(mime_type_of_file("pdf"), "");
  EXPECT_EQ(mime_type_of_file("x."), "");
  EXPECT_EQ(read_data_url("data:text/html;charset=utf-8,a%zz")->data(), "YSV6eg==");
}

}  // namespace
}  // namespace wasat::dialect
