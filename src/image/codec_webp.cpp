#include <webp/decode.h>

#include "image/codec.h"

namespace swiftavatar {

Result<StoredPicture> read_webp(std::span<const uint8_t> bytes, const Probe& probe) {
  WebPBitstreamFeatures features;
  const Error damaged = damaged_error("its picture data cannot be decoded");
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK) return damaged;
  if (features.width != probe.info.width || features.height != probe.info.height) return damaged;
  StoredPicture picture;
  picture.pixels.create(features.height, features.width, features.has_alpha ? CV_8UC4 : CV_8UC3);
  const auto decode = features.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  const size_t size = picture.pixels.total() * picture.pixels.elemSize();
  if (!decode(bytes.data(), bytes.size(), picture.pixels.data, size, static_cast<int>(picture.pixels.step)))
    return damaged;
  return picture;
}

}  // namespace swiftavatar
