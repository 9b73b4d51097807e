#include "simulator/media.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace wasat::simulator {
namespace {

void append_big_endian(std::string& out, std::uint32_t value) {
  for (const unsigned shift : {24u, 16u, 8u, 0u}) out += static_cast<char>(value >> shift & 0xFF);
}

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFu;
  for (const char byte : bytes)
    c = kCrcTable[(c ^ static_cast<std::uint8_t>(byte)) & 0xFF] ^ (c >> 8);
  return ~c;
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<std::uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::string checked = std::string(type).append(data);
  out += checked;
  append_big_endian(out, crc32(checked));
}

// zlib's format without compression: stored blocks (RFC 1950, RFC 1951 3.2.4).
std::string stored(std::string_view bytes) {
  std::string out("\x78\x01", 2);
  const std::uint32_t checksum = adler32(bytes);
  do {
    const std::string_view block = bytes.substr(0, 65535);
    bytes.remove_prefix(block.size());
    const auto length = static_cast<std::uint16_t>(block.size());
    out += bytes.empty() ? '\x01' : '\x00';
    out += static_cast<char>(length & 0xFF);
    out += static_cast<char>(length >> 8);
    out += static_cast<char>(~length & 0xFF);
    out += static_cast<char>(~length >> 8 & 0xFF);
    out += block;
  } while (!bytes.empty());
  append_big_endian(out, checksum);
  return out;
}

}  // namespace

std::string png(unsigned width, unsigned height, std::uint64_t seed) {
  std::string rows;
  rows.reserve((width * 3 + 1) * height);
  for (unsigned y = 0; y < height; ++y) {
    rows += '\0';  // filter: none
    for (unsigned x = 0; x < width; ++x) {
      rows += static_cast<char>(seed + x * 255 / width);
      rows += static_cast<char>((seed >> 8) + y * 255 / height);
      rows += static_cast<char>((seed >> 16) + (x + y));
    }
  }
  std::string header;
  append_big_endian(header, width);
  append_big_endian(header, height);
  header.append("\x08\x02\x00\x00\x00", 5);  // 8 bits, RGB
  std::string out("\x89PNG\r\n\x1a\n", 8);
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", stored(rows));
  append_chunk(out, "IEND", {});
  return out;
}

std::string pcm_tone(unsigned milliseconds, double hertz) {
  constexpr unsigned kRate = 24000;
  std::string out;
  const unsigned samples = kRate / 1000 * milliseconds;
  out.reserve(samples * 2);
  for (unsigned i = 0; i < samples; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * i / kRate;
    const auto sample = static_cast<std::int16_t>(8000 * std::sin(phase));
    out += static_cast<char>(sample & 0xFF);
    out += static_cast<char>(sample >> 8 & 0xFF);
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

}  // namespace wasat::simulator
