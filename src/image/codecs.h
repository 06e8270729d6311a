#pragma once
// The libraries that read and write pictures: libjpeg-turbo, libpng, libtiff, libwebp, libheif. They lie in a late
// library, as most verbs need none of them. Internal to this layer and those above: photos go through decode_image.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "image/probe.h"

namespace swiftavatar {

/// A picture as its file stores it: before orientation, profile, and the white behind what is transparent.
struct StoredPicture {
  cv::Mat pixels;                ///< CV_8UC1 grey, CV_8UC3 RGB, or CV_8UC4 RGBA
  bool premultiplied = false;    ///< RGBA: the colours are multiplied by alpha
  std::vector<uint8_t> profile;  ///< ICC of HEIF, whose probe leaves it to the library
  std::vector<std::string> warnings;
};

/// Loads the libraries and all that they would open later: afterwards pictures can be read without a file system.
/// Throws Failure internal where one is missing.
void load_codecs();

/// Reads bytes that passed their probe. Errors: not_an_image, truncated, unsupported_format; throws std::bad_alloc,
/// cv::Exception, and Failure as load_codecs.
Result<StoredPicture> read_picture(std::span<const uint8_t> bytes, const Probe& probe);

/// A PNG of CV_8UC1 grey, CV_8UC3 RGB or CV_8UC4 RGBA, and a WebP of RGB (`quality` 1..100). Empty where the picture
/// cannot be encoded. Throw as load_codecs.
std::vector<uint8_t> write_png(const cv::Mat& image);
std::vector<uint8_t> write_webp(const cv::Mat& rgb, int quality);

/// The same in libswiftavatar-codecs.so.
extern "C" {
decltype(load_codecs) swiftavatar_load_codecs;
decltype(read_picture) swiftavatar_read_picture;
decltype(write_png) swiftavatar_write_png;
decltype(write_webp) swiftavatar_write_webp;
}

}  // namespace swiftavatar
