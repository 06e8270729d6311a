// JPEG: ITU T.81 annex B (markers), Exif 2.3 (APP1), XMP part 3 (APP1), ICC.1 annex B.4 (APP2).

#include <algorithm>
#include <map>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr uint8_t kStartOfScan = 0xDA, kEndOfImage = 0xD9, kApp1 = 0xE1, kApp2 = 0xE2;
constexpr std::string_view kExif("Exif\0", 5), kXmp("http://ns.adobe.com/xap/1.0/\0", 29), kIcc("ICC_PROFILE\0", 12);

bool stands_alone(uint8_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

/// SOF0 to SOF15; the four other codes of the range are DHT, JPG, DAC.
bool starts_frame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// The place of the next marker's code. Bytes before it are skipped, as libjpeg does it: some writers leave strays
/// between segments.
size_t next_marker(const ByteReader& reader, size_t at) {
  while (true) {
    while (reader.u8(at) != 0xFF) ++at;
    while (reader.u8(at) == 0xFF) ++at;  // fill bytes
    if (reader.u8(at) != 0) return at;
  }
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

/// Which coefficients of which component the scans bring to their last bit.
class Coverage {
 public:
  /// Arithmetic coding does not tell missing data from zeros.
  void start(uint8_t frame_marker, std::span<const uint8_t> frame) {
    arithmetic_ = frame_marker > 0xC8;
    const ByteReader reader(frame);
    for (size_t i = 0; i < reader.u8(5); ++i) missing_[reader.u8(6 + 3 * i)] = ~uint64_t{0};
  }
  void add(std::span<const uint8_t> scan) {
    const ByteReader reader(scan);
    const size_t count = reader.u8(0), parameters = 1 + 2 * count;
    const int first = reader.u8(parameters), last = std::min<int>(reader.u8(parameters + 1), 63);
    if ((reader.u8(parameters + 2) & 0x0F) != 0) return;  // lower bits come in a later scan
    for (size_t i = 0; i < count; ++i) {
      const auto component = missing_.find(reader.u8(1 + 2 * i));
      for (int k = first; k <= last && component != missing_.end(); ++k) component->second &= ~(uint64_t{1} << k);
    }
  }
  bool complete() const {
    return !arithmetic_ && std::all_of(missing_.begin(), missing_.end(), [](const auto& c) { return c.second == 0; });
  }

 private:
  bool arithmetic_ = false;
  std::map<uint8_t, uint64_t> missing_;  // component: a bit for each coefficient
};

void read_frame(uint8_t marker, std::span<const uint8_t> segment, Probe& probe) {
  constexpr uint8_t kBaseline = 0xC0, kExtended = 0xC1, kProgressive = 0xC2, kArithmetic = 0xC9,
                    kArithmeticProgressive = 0xCA;
  const ByteReader reader(segment);
  const int precision = reader.u8(0), components = reader.u8(5);
  probe.info.height = reader.u16(1);
  probe.info.width = reader.u16(3);
  probe.channels = components;
  if (precision != 8) {
    probe.problem = unsupported_error("a JPEG of " + std::to_string(precision) + " bits; save it with 8 bits");
  } else if (components != 1 && components != 3 && components != 4) {
    probe.problem =
        unsupported_error("a JPEG of " + std::to_string(components) + " components; save it as RGB or grey");
  } else if (marker != kBaseline && marker != kExtended && marker != kProgressive && marker != kArithmetic &&
             marker != kArithmeticProgressive) {
    probe.problem = unsupported_error("a JPEG of a rare kind (lossless or hierarchical); save it as PNG or plain JPEG");
  }
}

/// The parts carry their place, from 1, in byte 12; they are in order in any file but a hostile one.
void join_profile(const std::vector<std::span<const uint8_t>>& parts, Probe& probe) {
  size_t place = 1, total = 0;
  for (const auto& part : parts) {
    total += part.size() - 14;
    if (part[12] != place++ || total > kMaxProfileBytes) {
      probe.profile.clear();
      probe.warnings.push_back("The colour profile is damaged; the colours are taken as sRGB.");
      return;
    }
    probe.profile.insert(probe.profile.end(), part.begin() + 14, part.end());
  }
}

}  // namespace

Result<Probe> probe_jpeg(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  Probe probe{.info = {.format = ImageFormat::jpeg}};
  std::vector<std::span<const uint8_t>> profile_parts;
  Coverage coverage;
  bool framed = false, scanned = false;
  size_t at = 2;  // after SOI
  try {
    while (true) {
      at = next_marker(reader, at);
      const uint8_t marker = reader.u8(at++);
      if (marker == kEndOfImage) break;
      if (stands_alone(marker)) continue;
      const size_t length = reader.u16(at);
      if (length < 2) return damaged_error("a JPEG segment of impossible length");
      const auto segment = reader.slice(at + 2, length - 2);
      const ByteReader content(segment);
      at += length;

      if (starts_frame(marker) && !framed) {
        read_frame(marker, segment, probe);
        coverage.start(marker, segment);
        framed = true;
      } else if (marker == kApp1 && content.matches(0, kExif)) {
        probe.orientation.read_exif(segment);
      } else if (marker == kApp1 && content.matches(0, kXmp)) {
        probe.orientation.read_xmp(content.text().substr(kXmp.size()));
      } else if (marker == kApp2 && content.matches(0, kIcc) && segment.size() > 14) {
        profile_parts.push_back(segment);
      } else if (marker == kStartOfScan) {
        if (!framed) return damaged_error("JPEG picture data before its header");
        coverage.add(segment);
        scanned = true;
        at = skip_scan(bytes, at);
      }
    }
  } catch (const EndOfData&) {
    if (!framed) throw;
    probe.unended = scanned && coverage.complete();
    if (!probe.unended && !probe.problem) probe.problem = truncated_error();
  }
  if (!framed) return damaged_error("a JPEG without a header");
  if (!probe.problem && !scanned) probe.problem = truncated_error();
  join_profile(profile_parts, probe);
  return probe;
}

}  // namespace swiftavatar
