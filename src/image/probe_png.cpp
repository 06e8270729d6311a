// PNG: W3C Portable Network Graphics, third edition (chunks, CRC, iCCP, eXIf).

#include <algorithm>

#include <zlib.h>

#include "image/byte_reader.h"
#include "image/exif.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr size_t kSignature = 8, kChunkFrame = 12;  // length, type and CRC around a chunk's data

/// iCCP: a name, a zero, the method 0, and the profile in zlib's format. Empty where that is damaged or too large.
std::vector<uint8_t> inflate_profile(std::span<const uint8_t> chunk) {
  const auto name_end = std::find(chunk.begin(), chunk.end(), uint8_t{0});
  const auto start = static_cast<size_t>(name_end - chunk.begin()) + 2;
  if (start >= chunk.size()) return {};
  const auto packed = chunk.subspan(start);
  std::vector<uint8_t> profile(kMaxProfileBytes);
  uLongf length = profile.size();
  if (uncompress(profile.data(), &length, packed.data(), packed.size()) != Z_OK) return {};
  profile.resize(length);
  return profile;
}

}  // namespace

Result<Probe> probe_png(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  Probe probe{.info = {.format = ImageFormat::png}};
  if (reader.matches(kSignature + 4, "CgBI")) {
    return Error{ErrorCode::unsupported_format,
                 "is a PNG in Apple's iPhone variant; export it as an ordinary PNG or JPEG."};
  }
  if (!reader.has(kSignature, 8)) throw EndOfData{};
  if (!reader.matches(kSignature + 4, "IHDR")) return damaged_error("a PNG without a header");
  const uint32_t width = reader.u32(kSignature + 8), height = reader.u32(kSignature + 12);
  if (width > INT32_MAX || height > INT32_MAX) return damaged_error("a PNG of impossible size");
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);

  bool has_data = false;
  try {
    for (size_t at = kSignature; true;) {
      const size_t length = reader.u32(at);
      if (length > INT32_MAX) {
        probe.problem = damaged_error("a PNG chunk of impossible length");
        break;
      }
      const auto checked = reader.slice(at + 4, length + 4);  // type and data
      const uint32_t stated = reader.u32(at + 8 + length);
      const bool critical = (checked[0] & 0x20) == 0;
      const bool intact = crc32(0, checked.data(), static_cast<uInt>(checked.size())) == stated;
      if (!intact && critical) {
        probe.problem = damaged_error("the checksum of a PNG chunk does not match");
        break;
      }
      if (reader.matches(at + 4, "IEND")) break;
      has_data |= reader.matches(at + 4, "IDAT");
      const auto data = checked.subspan(4);
      if (intact && reader.matches(at + 4, "eXIf")) read_exif_orientation(data, probe);
      if (intact && reader.matches(at + 4, "iCCP")) {
        probe.profile = inflate_profile(data);
        if (probe.profile.empty())
          probe.warnings.push_back("The colour profile is damaged; the colours are taken as sRGB.");
      }
      at += length + kChunkFrame;
    }
    if (!probe.problem && !has_data) probe.problem = damaged_error("a PNG without picture data");
  } catch (const EndOfData&) {
    probe.problem = truncated_error();
  }
  return probe;
}

std::vector<uint8_t> without_png_profile(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  std::vector<uint8_t> kept(bytes.begin(), bytes.begin() + kSignature);
  for (size_t at = kSignature; at < bytes.size();) {
    const size_t length = std::min(reader.u32(at) + kChunkFrame, bytes.size() - at);
    const auto chunk = bytes.subspan(at, length);
    if (!reader.matches(at + 4, "iCCP")) kept.insert(kept.end(), chunk.begin(), chunk.end());
    if (reader.matches(at + 4, "IEND")) break;
    at += length;
  }
  return kept;
}

}  // namespace swiftavatar
