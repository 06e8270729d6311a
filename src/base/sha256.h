#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace swiftavatar {

/// SHA-256 (FIPS 180-4) of the bytes, 64 lower-case hex digits.
std::string sha256_hex(std::span<const uint8_t> bytes);
std::string sha256_hex(std::span<const char> bytes);

}  // namespace swiftavatar
