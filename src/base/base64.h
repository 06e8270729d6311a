#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace swiftavatar {

/// Base64 (RFC 4648, with padding) of up to 1 GiB.
std::string base64(std::span<const uint8_t> bytes);
std::string base64(std::string_view bytes);

}  // namespace swiftavatar
