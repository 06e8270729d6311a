// A photo's bytes: probes and decoders.

#include "swiftavatar/image.h"
#include "fuzz.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Small, so that the time goes into reading, not into pixels.
  const DecodeLimits limits{.max_bytes = 1 << 20, .max_side = 1000, .max_pixels = 250'000};
  const auto image = decode_image({data, size}, "photo.jpg", limits);
  if (!image.ok()) {
    fuzz::require_error(image.error(), 1);
    return 0;
  }
  const DecodedImage& decoded = image.value();
  fuzz::require(decoded.rgb.type() == CV_8UC3 && !decoded.rgb.empty(), "pixels are RGB of 8 bits");
  fuzz::require(static_cast<int64_t>(decoded.rgb.total()) <= limits.max_pixels, "the limit of pixels holds");
  const bool turned = decoded.info.orientation >= 5;
  const cv::Size stored(decoded.info.width, decoded.info.height);
  fuzz::require(decoded.rgb.size() == (turned ? cv::Size(stored.height, stored.width) : stored),
                "the header told the size");
  return 0;
}
