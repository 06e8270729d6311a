#include <algorithm>
#include <bit>
#include <cstdlib>

#include "image/bmp.h"
#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr size_t kHeaderAt = 14, kCoreHeader = 12, kInfoHeader = 40, kMasksAt = kHeaderAt + kInfoHeader;
constexpr size_t kOs2Header = 64, kHeaderWithAlpha = 56, kHeaderWithProfile = 124;

/// Masks lie in the header where it is long enough, and after BITMAPINFOHEADER.
void read_masks(const ByteReader& reader, size_t header, BmpHeader& bmp) {
  if (bmp.compression == BmpHeader::kUncompressed) {
    if (bmp.bits == 16) bmp.masks = {0x7C00, 0x03E0, 0x001F};
    if (bmp.bits == 32) bmp.masks = {0xFF0000, 0xFF00, 0xFF};
    return;
  }
  const bool alpha = header >= kHeaderWithAlpha || bmp.compression == BmpHeader::kAlphaBitFields;
  for (size_t i = 0; i < (alpha ? 4 : 3); ++i) bmp.masks[i] = reader.u32(kMasksAt + 4 * i);
  if (header == kInfoHeader) bmp.palette_at += alpha ? 16 : 12;
}

bool is_mask(uint32_t mask) {
  const uint32_t ones = mask == 0 ? 0 : mask >> std::countr_zero(mask);
  return (ones & (ones + 1)) == 0;  // no gap
}

}  // namespace

BmpHeader read_bmp_header(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  BmpHeader bmp;
  const size_t header = reader.u32(kHeaderAt);
  bmp.pixels_at = reader.u32(10);
  bmp.palette_at = kHeaderAt + header;
  uint32_t colours = 0;
  if (header == kCoreHeader) {
    bmp.width = reader.u16(kHeaderAt + 4);
    bmp.height = reader.u16(kHeaderAt + 6);
    bmp.bits = reader.u16(kHeaderAt + 10);
    bmp.colour_bytes = 3;
  } else if (header >= kInfoHeader && header <= 1024) {
    bmp.width = static_cast<int32_t>(reader.u32(kHeaderAt + 4));
    const auto height = static_cast<int32_t>(reader.u32(kHeaderAt + 8));
    bmp.height = std::abs(int64_t{height});
    bmp.top_down = height < 0;
    bmp.bits = reader.u16(kHeaderAt + 14);
    bmp.compression = reader.u32(kHeaderAt + 16);
    colours = reader.u32(kHeaderAt + 32);
    if (header == kOs2Header && bmp.compression > BmpHeader::kRle4) bmp.compression = UINT32_MAX;  // OS/2 has its own
    if (bmp.bits == 16 || bmp.bits == 32) read_masks(reader, header, bmp);
    constexpr uint32_t kEmbedded = 0x4D424544;  // 'MBED'
    if (header >= kHeaderWithProfile && reader.u32(kHeaderAt + 56) == kEmbedded) {
      bmp.profile_at = kHeaderAt + reader.u32(kHeaderAt + 112);
      bmp.profile_bytes = reader.u32(kHeaderAt + 116);
    }
  }
  if (bmp.bits <= 8) {
    const size_t most = size_t{1} << bmp.bits, stated = colours == 0 ? most : std::min<size_t>(colours, most);
    // Some writers forget the palette when they say where the pixels begin.
    if (bmp.pixels_at == bmp.palette_at) bmp.pixels_at += stated * bmp.colour_bytes;
    if (bmp.pixels_at > bmp.palette_at)
      bmp.palette_colours = std::min(stated, (bmp.pixels_at - bmp.palette_at) / bmp.colour_bytes);
  }
  return bmp;
}

Result<Probe> probe_bmp(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  const BmpHeader bmp = read_bmp_header(bytes);
  Probe probe{.info = {.format = ImageFormat::bmp}};
  if (bmp.width == 0 && bmp.height == 0) return damaged_error("no BMP header that we know");
  if (bmp.width <= 0 || bmp.height <= 0 || bmp.height > INT32_MAX) return damaged_error("a BMP of impossible size");
  probe.info.width = static_cast<int>(bmp.width);
  probe.info.height = static_cast<int>(bmp.height);

  const bool masked = bmp.compression == BmpHeader::kBitFields || bmp.compression == BmpHeader::kAlphaBitFields;
  const uint32_t bits = bmp.bits;
  if (!bmp.packed() && !masked && bmp.compression != BmpHeader::kUncompressed) {
    probe.problem = unsupported_error("a BMP of a rare compression; save it as PNG or JPEG");
  } else if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
    probe.problem = damaged_error("a BMP of " + std::to_string(bits) + " bits a pixel");
  } else if ((bmp.compression == BmpHeader::kRle8 && bits != 8) || (bmp.compression == BmpHeader::kRle4 && bits != 4) ||
             (masked && bits != 16 && bits != 32)) {
    probe.problem = damaged_error("a BMP whose compression does not fit its bits");
  } else if (!std::all_of(bmp.masks.begin(), bmp.masks.end(), is_mask)) {
    probe.problem = damaged_error("a BMP with impossible colour masks");
  } else if (bmp.pixels_at < bmp.palette_at) {
    probe.problem = damaged_error("a BMP whose picture data begin in its header");
  } else if (!reader.has(bmp.pixels_at, bmp.packed() ? 1 : bmp.row_bytes() * static_cast<size_t>(bmp.height))) {
    probe.problem = truncated_error();
  } else if (bmp.profile_bytes != 0 && bmp.profile_bytes <= kMaxProfileBytes &&
             reader.has(bmp.profile_at, bmp.profile_bytes)) {
    const auto profile = reader.slice(bmp.profile_at, bmp.profile_bytes);
    probe.profile.assign(profile.begin(), profile.end());
  }
  return probe;
}

}  // namespace swiftavatar
