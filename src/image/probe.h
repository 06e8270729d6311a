#pragma once
// What our own code reads of an image file before a decoder sees a byte of it: one function for each format.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swiftavatar/image.h"

namespace swiftavatar {

/// Larger colour profiles are ignored: real ones have 0.5 KB to 2 MB.
inline constexpr size_t kMaxProfileBytes = size_t{4} << 20;

struct Probe {
  ImageInfo info;
  std::vector<uint8_t> profile;  ///< ICC, or empty
  bool cmyk = false;             ///< the decoder turns it to RGB without the profile
  std::optional<Error> problem;  ///< why it cannot be decoded, where the size is known nevertheless
  std::vector<std::string> warnings;
  size_t tiff_orientation_at = 0;  ///< a TIFF's orientation entry, after its tag; 0 = none
  bool little_endian = false;      ///< TIFF byte order
};

/// Errors carry messages without the file's name, to follow "NAME: ". They throw EndOfData where the bytes end early.
Result<Probe> probe_jpeg(std::span<const uint8_t> bytes);
Result<Probe> probe_png(std::span<const uint8_t> bytes);
Result<Probe> probe_webp(std::span<const uint8_t> bytes);
Result<Probe> probe_bmp(std::span<const uint8_t> bytes);
Result<Probe> probe_tiff(std::span<const uint8_t> bytes);
Result<Probe> probe_heif(std::span<const uint8_t> bytes);

/// The bytes of a PNG that passed probe_png, without its iCCP chunk: libpng prints its opinion of profiles to stderr.
std::vector<uint8_t> without_png_profile(std::span<const uint8_t> bytes);

/// Format by magic bytes, then the format's probe, then the limits; `Probe::problem` is set for what cannot be decoded
/// though its size is within the limits.
Result<Probe> probe_bytes(std::span<const uint8_t> bytes, const DecodeLimits& limits);

/// Messages that several probes give.
Error truncated_error();
Error damaged_error(const std::string& what);

/// Pixels of a HEIC or AVIF file, CV_8UC4 RGBA, upright. Only in builds with libheif.
Result<cv::Mat> decode_heif(std::span<const uint8_t> bytes);

}  // namespace swiftavatar
