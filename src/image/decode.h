#pragma once
// The two halves of decode_image: what looks at the bytes, and what looks at the name. The first can run in another
// process.

#include <cstdint>
#include <span>
#include <string>

#include "swiftavatar/image.h"

namespace swiftavatar {

/// decode_image but for the name: messages are to follow "NAME: ".
Result<DecodedImage> decode_unnamed(std::span<const uint8_t> bytes, const DecodeLimits& limits);

/// Puts the name into an error's message; for a picture, warns of a name that ends like another format.
Result<DecodedImage> under_name(Result<DecodedImage> image, const std::string& name);

}  // namespace swiftavatar
