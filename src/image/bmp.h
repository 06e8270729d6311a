#pragma once
// What a BMP's headers say: BITMAPFILEHEADER, then BITMAPCOREHEADER (12 bytes), BITMAPINFOHEADER (40) or one of its
// successors.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace swiftavatar {

struct BmpHeader {
  int64_t width = 0, height = 0;
  bool top_down = false;
  uint32_t bits = 0, compression = 0;
  size_t pixels_at = 0, palette_at = 0, palette_colours = 0, colour_bytes = 4;
  std::array<uint32_t, 4> masks{};  ///< of red, green, blue and alpha in a pixel of 16 or 32 bits; 0 = not there
  size_t profile_at = 0, profile_bytes = 0;

  static constexpr uint32_t kUncompressed = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;
  bool packed() const { return compression == kRle8 || compression == kRle4; }
  /// Bytes of an unpacked row: a multiple of four.
  size_t row_bytes() const { return (static_cast<size_t>(width) * bits + 31) / 32 * 4; }
};

/// Any size that the file gives; width 0 where it is no header that we know. Throws EndOfData.
BmpHeader read_bmp_header(std::span<const uint8_t> bytes);

}  // namespace swiftavatar
