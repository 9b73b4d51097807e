#include "base/body.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace wasat {
namespace {

TEST(Buffer, KeepsItsBytesWhileItGrowsFromSmallToLarge) {
  Buffer buffer(100);
  std::string expected;
  for (std::size_t capacity = 200; capacity <= 16u << 20; capacity *= 2) {
    buffer.reserve(capacity);
    ASSERT_GE(buffer.capacity(), capacity);
    const std::string part(capacity - expected.size(),
                           static_cast<char>('a' + expected.size() % 26));
    std::memcpy(buffer.data() + buffer.size(), part.data(), part.size());
    buffer.resize(buffer.size() + part.size());
    expected += part;
    ASSERT_EQ(buffer.view(), expected);
  }
}

TEST(Buffer, IsReadableBehindItsEnd) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096 - kPadding},
                                 std::size_t{(1u << 20) - kPadding}, std::size_t{5u << 20}}) {
    const Buffer buffer(size);
    int sum = 0;
    for (std::size_t i = 0; i < kPadding; ++i) sum += buffer.data()[buffer.capacity() + i] != 0;
    EXPECT_LE(sum, static_cast<int>(kPadding));
  }
}

TEST(Body, KeepsThePiecesAlive) {
  Body body;
  {
    const auto buffer = Buffer::copy_of("hello world");
    body.append(buffer->view().substr(0, 6), buffer);
    body.append(buffer->view().substr(6), buffer);
  }
  EXPECT_EQ(body.flatten(), "hello world");
  EXPECT_EQ(body.size(), 11u);
}

}  // namespace
}  // namespace wasat
