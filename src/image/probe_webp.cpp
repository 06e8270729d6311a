// WebP: RFC 9649 (RIFF container, VP8, VP8L and VP8X headers).

#include <algorithm>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr size_t kRiffHeader = 12, kChunkHeader = 8;
constexpr uint8_t kAnimated = 0x02;

void set_size(uint32_t width, uint32_t height, Probe& probe) {
  if (probe.info.width != 0) return;  // the canvas of VP8X came first
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);
}

/// Lossy key frame: 3 bytes of frame tag, the start code, then 14-bit sizes with 2 bits of scale.
bool read_vp8(const ByteReader& reader, size_t at, Probe& probe) {
  reader.slice(at, 10);  // a header cut short is not a damaged one
  if (!reader.matches(at + 3, "\x9D\x01\x2A")) return false;
  set_size(reader.u16(at + 6) & 0x3FFF, reader.u16(at + 8) & 0x3FFF, probe);
  return true;
}

/// Lossless: a signature byte, then two 14-bit sizes less one.
bool read_vp8l(const ByteReader& reader, size_t at, Probe& probe) {
  if (reader.u8(at) != 0x2F) return false;
  const uint32_t bits = reader.u32(at + 1);
  set_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, probe);
  return true;
}

}  // namespace

Result<Probe> probe_webp(std::span<const uint8_t> bytes) {
  const ByteReader all(bytes, /*big_endian=*/false);
  Probe probe{.info = {.format = ImageFormat::webp}};
  const size_t end = kChunkHeader + all.u32(4);
  const ByteReader reader(bytes.first(std::min(end, bytes.size())), /*big_endian=*/false);
  bool has_picture = false;
  try {
    size_t at = kRiffHeader;
    while (at < reader.size()) {
      const size_t length = reader.u32(at + 4), data = at + kChunkHeader;
      if (reader.matches(at, "VP8X")) {
        if (reader.u8(data) & kAnimated) {
          probe.problem = unsupported_error("an animated WebP; save one picture of it as PNG or JPEG");
        }
        set_size(reader.u24(data + 4) + 1, reader.u24(data + 7) + 1, probe);
      } else if (reader.matches(at, "VP8 ") || reader.matches(at, "VP8L")) {
        const bool readable =
            reader.matches(at, "VP8 ") ? read_vp8(reader, data, probe) : read_vp8l(reader, data, probe);
        if (!readable) return damaged_error("a WebP picture without a header");
        has_picture = true;
      } else if (reader.matches(at, "EXIF")) {
        probe.orientation.read_exif(reader.slice(data, length));
      } else if (reader.matches(at, "XMP ")) {
        probe.orientation.read_xmp(ByteReader(reader.slice(data, length)).text());
      } else if (reader.matches(at, "ICCP") && length <= kMaxProfileBytes) {
        const auto profile = reader.slice(data, length);
        probe.profile.assign(profile.begin(), profile.end());
      }
      reader.slice(data, length);
      at = data + length + (length & 1);  // chunks are padded to even length
    }
    if (end > bytes.size()) throw EndOfData{};
  } catch (const EndOfData&) {
    if (probe.info.width == 0) throw;
    if (!probe.problem) probe.problem = truncated_error();
  }
  if (probe.info.width == 0 || (!has_picture && !probe.problem)) return damaged_error("a WebP without a picture");
  return probe;
}

}  // namespace swiftavatar
