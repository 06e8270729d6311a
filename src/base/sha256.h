#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace swiftavatar {

/// SHA-256 (FIPS 180-4) of the bytes.
std::array<uint8_t, 32> sha256(std::span<const uint8_t> bytes);

/// The same as 64 lower-case hex digits.
std::string sha256_hex(std::span<const uint8_t> bytes);
std::string sha256_hex(std::span<const char> bytes);

}  // namespace swiftavatar
