// BMP: BITMAPFILEHEADER with BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER (40) and its successors.

#include <cstdlib>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

Result<Probe> probe_bmp(std::span<const uint8_t> bytes) {
  constexpr size_t kCoreHeader = 12, kInfoHeader = 40, kHeaderAt = 14;
  constexpr uint32_t kUncompressed = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;
  const ByteReader reader(bytes, /*big_endian=*/false);
  Probe probe{.info = {.format = ImageFormat::bmp}};
  const size_t pixels_at = reader.u32(10), header = reader.u32(kHeaderAt);
  int64_t width = 0, height = 0;
  uint32_t bits = 0, compression = kUncompressed;
  if (header == kCoreHeader) {
    width = reader.u16(kHeaderAt + 4);
    height = reader.u16(kHeaderAt + 6);
    bits = reader.u16(kHeaderAt + 10);
  } else if (header >= kInfoHeader && header <= 1024) {
    width = static_cast<int32_t>(reader.u32(kHeaderAt + 4));
    height = std::abs(int64_t{static_cast<int32_t>(reader.u32(kHeaderAt + 8))});  // negative: the top row comes first
    bits = reader.u16(kHeaderAt + 14);
    compression = reader.u32(kHeaderAt + 16);
  } else {
    return damaged_error("no BMP header that we know");
  }
  if (width <= 0 || height <= 0 || height > INT32_MAX) return damaged_error("a BMP of impossible size");
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);

  const bool packed = compression == kRle8 || compression == kRle4;
  if (!packed && compression != kUncompressed && compression != kBitFields && compression != kAlphaBitFields) {
    probe.problem = Error{ErrorCode::unsupported_format, "is a BMP of a rare compression; save it as PNG or JPEG."};
  } else if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
    probe.problem = damaged_error("a BMP of " + std::to_string(bits) + " bits a pixel");
  } else {
    const size_t row = (static_cast<size_t>(width) * bits + 31) / 32 * 4;
    if (!reader.has(pixels_at, packed ? 1 : row * static_cast<size_t>(height))) probe.problem = truncated_error();
  }
  return probe;
}

}  // namespace swiftavatar
