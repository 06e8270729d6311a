#pragma once
// What our own code reads of an image file before a library sees a byte of it: one function for each format.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/orientation.h"
#include "swiftavatar/image.h"

namespace swiftavatar {

/// Larger colour profiles are ignored: real ones have 0.5 KB to 2 MB.
inline constexpr size_t kMaxProfileBytes = size_t{4} << 20;

struct Probe {
  ImageInfo info;                ///< its orientation is set from `orientation` when the format's probe is done
  Orientation orientation;       ///< what the metadata say
  std::vector<uint8_t> profile;  ///< ICC, or empty
  int channels = 0;              ///< JPEG: 1 grey, 3 RGB, 4 CMYK
  bool unended = false;          ///< JPEG: everything but the end marker may be there; only decoding tells
  bool grey = false;             ///< HEIF: the coded picture has no colours
  size_t page_at = 0;            ///< TIFF: where the directory of the page to be read lies
  std::optional<Error> problem;  ///< why it cannot be decoded, where the size is known nevertheless
  std::vector<std::string> warnings;
};

/// Errors carry messages without the file's name, to follow "NAME: ". They throw EndOfData where the bytes end early.
Result<Probe> probe_jpeg(std::span<const uint8_t> bytes);
Result<Probe> probe_png(std::span<const uint8_t> bytes);
Result<Probe> probe_webp(std::span<const uint8_t> bytes);
Result<Probe> probe_bmp(std::span<const uint8_t> bytes);
Result<Probe> probe_tiff(std::span<const uint8_t> bytes);
Result<Probe> probe_heif(std::span<const uint8_t> bytes);

/// The bytes of a PNG that passed probe_png, without the chunks that `Probe::profile` stands for.
std::vector<uint8_t> without_png_profile(std::span<const uint8_t> bytes);

/// An ISO media file that says to be a HEIF or AVIF picture.
bool is_heif(std::span<const uint8_t> bytes);

/// The refusal of a file that is none of our formats: unsupported_format for those that have a name, otherwise
/// not_an_image.
Error foreign_error(std::span<const uint8_t> bytes);

/// Format by magic bytes, then the format's probe, then the limits; `Probe::problem` is set for what cannot be decoded
/// though its size is within the limits.
Result<Probe> probe_bytes(std::span<const uint8_t> bytes, const DecodeLimits& limits);

/// Messages that several probes give.
Error truncated_error();
Error damaged_error(const std::string& what);
Error unsupported_error(const std::string& what);

}  // namespace swiftavatar
