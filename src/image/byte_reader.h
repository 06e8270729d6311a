#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace swiftavatar {

/// Thrown by ByteReader; probes turn it into `truncated`.
struct EndOfData {};

/// Numbers of a chosen byte order from untrusted bytes. Every access is checked.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes, bool big_endian = true)
      : bytes_(bytes), big_endian_(big_endian) {}

  size_t size() const { return bytes_.size(); }
  bool has(size_t at, size_t count) const { return at <= bytes_.size() && count <= bytes_.size() - at; }
  uint8_t u8(size_t at) const { return slice(at, 1)[0]; }
  uint16_t u16(size_t at) const { return static_cast<uint16_t>(number(at, 2)); }
  uint32_t u24(size_t at) const { return static_cast<uint32_t>(number(at, 3)); }
  uint32_t u32(size_t at) const { return static_cast<uint32_t>(number(at, 4)); }
  uint64_t u64(size_t at) const { return number(at, 8); }

  std::span<const uint8_t> slice(size_t at, size_t count) const {
    if (!has(at, count)) throw EndOfData{};
    return bytes_.subspan(at, count);
  }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  bool matches(size_t at, std::string_view text) const {
    return has(at, text.size()) && std::memcmp(bytes_.data() + at, text.data(), text.size()) == 0;
  }

 private:
  uint64_t number(size_t at, size_t width) const {
    uint64_t value = 0;
    const auto digits = slice(at, width);
    for (size_t i = 0; i < width; ++i) value = value << 8 | digits[big_endian_ ? i : width - 1 - i];
    return value;
  }

  std::span<const uint8_t> bytes_;
  bool big_endian_;
};

}  // namespace swiftavatar
