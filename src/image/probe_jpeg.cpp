// JPEG: ITU T.81 annex B (markers), Exif 2.3 (APP1), ICC.1 annex B.4 (APP2).

#include "image/byte_reader.h"
#include "image/exif.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr uint8_t kStartOfScan = 0xDA, kEndOfImage = 0xD9, kApp1 = 0xE1, kApp2 = 0xE2;

bool stands_alone(uint8_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

/// SOF0 to SOF15; the four other codes of the range are DHT, JPG, DAC.
bool starts_frame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Where the entropy-coded data from `at` on ends: at the next marker that is neither stuffing nor a restart.
size_t skip_scan(std::span<const uint8_t> bytes, size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    if (bytes[at] != 0xFF) continue;
    const uint8_t next = bytes[at + 1];
    if (next != 0x00 && next != 0xFF && !(next >= 0xD0 && next <= 0xD7)) return at;
  }
  throw EndOfData{};
}

void read_frame(std::span<const uint8_t> segment, Probe& probe) {
  const ByteReader reader(segment);
  const int precision = reader.u8(0), components = reader.u8(5);
  probe.info.height = reader.u16(1);
  probe.info.width = reader.u16(3);
  probe.cmyk = components == 4;
  if (precision != 8) {
    probe.problem = Error{ErrorCode::unsupported_format,
                          "is a JPEG of " + std::to_string(precision) + " bits; save it with 8 bits."};
  } else if (components != 1 && components != 3 && components != 4) {
    probe.problem = Error{ErrorCode::unsupported_format,
                          "is a JPEG of " + std::to_string(components) + " components; save it as RGB or grey."};
  }
}

}  // namespace

Result<Probe> probe_jpeg(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  Probe probe{.info = {.format = ImageFormat::jpeg}};
  std::vector<std::span<const uint8_t>> profile_parts;
  bool framed = false, scanned = false, oriented = false;
  size_t at = 2;  // after SOI
  try {
    while (true) {
      if (reader.u8(at) != 0xFF) return damaged_error("no JPEG marker at byte " + std::to_string(at));
      while (reader.u8(at + 1) == 0xFF) ++at;  // fill bytes
      const uint8_t marker = reader.u8(at + 1);
      at += 2;
      if (marker == kEndOfImage) break;
      if (stands_alone(marker)) continue;
      const size_t length = reader.u16(at);
      if (length < 2) return damaged_error("a JPEG segment of impossible length");
      const auto segment = reader.slice(at + 2, length - 2);
      at += length;

      if (starts_frame(marker) && !framed) {
        read_frame(segment, probe);
        framed = true;
      } else if (marker == kApp1 && !oriented && ByteReader(segment).matches(0, {"Exif\0", 5})) {
        read_exif_orientation(segment, probe);
        oriented = true;
      } else if (marker == kApp2 && ByteReader(segment).matches(0, {"ICC_PROFILE\0", 12}) && segment.size() > 14) {
        profile_parts.push_back(segment);
      } else if (marker == kStartOfScan) {
        if (!framed) return damaged_error("JPEG picture data before its header");
        scanned = true;
        at = skip_scan(bytes, at);
      }
    }
  } catch (const EndOfData&) {
    if (!framed) throw;
    probe.problem = truncated_error();
  }
  if (!framed) return damaged_error("a JPEG without a header");
  if (!probe.problem && !scanned) probe.problem = truncated_error();

  // The parts carry their place, from 1, in byte 12; they are in order in any file but a hostile one.
  size_t place = 1, total = 0;
  for (const auto& part : profile_parts) {
    total += part.size() - 14;
    if (part[12] != place++ || total > kMaxProfileBytes) {
      probe.profile.clear();
      probe.warnings.push_back("The colour profile is damaged; the colours are taken as sRGB.");
      break;
    }
    probe.profile.insert(probe.profile.end(), part.begin() + 14, part.end());
  }
  return probe;
}

}  // namespace swiftavatar
