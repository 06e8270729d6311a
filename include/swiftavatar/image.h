#pragma once
// Image files in and out: untrusted bytes to upright sRGB pixels, pixels to PNG or WebP.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// What a decoder may spend on one image; checked from the header, before any pixel is decoded.
struct DecodeLimits {
  size_t max_bytes = size_t{256} << 20;
  int max_side = 30000;              ///< pixels
  int64_t max_pixels = 100'000'000;  ///< width x height
  double max_ratio = 2000.0;         ///< decoded bytes (3 per pixel) / file bytes, for images over 4 MP
};

enum class ImageFormat { jpeg, png, webp, bmp, tiff, heif };

/// What the header says, read by our own code.
struct ImageInfo {
  ImageFormat format{};
  int width = 0, height = 0;  ///< as stored, before orientation
  int orientation = 1;        ///< EXIF 1..8; anything else counts as 1
};

/// Whether a file's name ends as those of the formats above do (.jpg, .jfif, .hif ...; the case does not matter). What
/// a file really is, its bytes tell.
bool has_picture_suffix(const std::filesystem::path& file);

struct DecodedImage {
  cv::Mat rgb;  ///< CV_8UC3, RGB order, sRGB, upright, alpha over white
  ImageInfo info;
  std::vector<std::string> warnings;  ///< sentences for the result JSON
};

/// Reads magic bytes, size, orientation and completeness. Errors: not_an_image, truncated, too_large,
/// unsupported_format.
Result<ImageInfo> probe_image(std::span<const uint8_t> bytes, const DecodeLimits& limits = {});

/// Probes, then decodes. `name` is used in messages.
Result<DecodedImage> decode_image(std::span<const uint8_t> bytes, const std::string& name,
                                  const DecodeLimits& limits = {});

/// How photos are decoded in processes of their own.
struct DecoderOptions {
  DecodeLimits limits;
  std::chrono::milliseconds time{60'000};  ///< for one image, by the clock
  size_t memory = size_t{4} << 30;         ///< address space in bytes, beyond what the process has when it is ready
  std::filesystem::path program;           ///< empty: this installation's swiftavatar-decode
};

/// decode_image for bytes that may crash or stall a decoder, which then costs this image and no more. The work is done
/// by processes of swiftavatar-decode, one for each thread that decodes at the same time. They live as long as this
/// object.
class PhotoDecoder {
 public:
  /// Starts the first process, but does not wait for it. Throws Failure internal where the program is missing.
  explicit PhotoDecoder(DecoderOptions options = {});
  ~PhotoDecoder();

  /// As decode_image, from several threads. Errors also: crashed, timeout, out_of_memory.
  /// Throws Failure internal where no process can be started.
  Result<DecodedImage> decode(std::span<const uint8_t> bytes, const std::string& name) const;

 private:
  const DecoderOptions options_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<class DecoderProcess>> idle_;
};

/// PNG bytes of an 8-bit image: CV_8UC3 as RGB, CV_8UC4 as RGBA, CV_8UC1 as grey.
std::vector<uint8_t> encode_png(const cv::Mat& image);

/// Lossy WebP bytes of an RGB image (CV_8UC3); `quality` 1 to 100.
std::vector<uint8_t> encode_webp(const cv::Mat& image, int quality);

/// sRGB transfer function (IEC 61966-2-1): a level of a channel as light, 0..1.
double to_linear(uint8_t level);

/// An 8-bit sRGB pixel triple to/from "#rrggbb".
std::string to_hex(const cv::Vec3b& rgb);
Result<cv::Vec3b> from_hex(const std::string& hex);

/// CIE L*a*b* (D65) of an sRGB colour, and the CIEDE2000 difference of two such.
cv::Vec3d to_lab(const cv::Vec3b& rgb);
double ciede2000(const cv::Vec3d& lab1, const cv::Vec3d& lab2);

}  // namespace swiftavatar
