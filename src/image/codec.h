#pragma once
// One reader for each format: what libswiftavatar-codecs.so is made of. As read_picture.

#include <cstdint>
#include <span>

#include "image/codecs.h"

namespace swiftavatar {

Result<StoredPicture> read_jpeg(std::span<const uint8_t> bytes, const Probe& probe);
Result<StoredPicture> read_png(std::span<const uint8_t> bytes, const Probe& probe);
Result<StoredPicture> read_webp(std::span<const uint8_t> bytes, const Probe& probe);
Result<StoredPicture> read_bmp(std::span<const uint8_t> bytes, const Probe& probe);
Result<StoredPicture> read_tiff(std::span<const uint8_t> bytes, const Probe& probe);
Result<StoredPicture> read_heif(std::span<const uint8_t> bytes, const Probe& probe);

}  // namespace swiftavatar
