#include "image/exif.h"

#include <algorithm>

#include "image/byte_reader.h"

namespace swiftavatar {

void set_orientation(uint32_t value, Probe& probe) {
  if (value >= 1 && value <= 8) {
    probe.info.orientation = static_cast<int>(value);
  } else {
    probe.warnings.push_back("The orientation " + std::to_string(value) + " is not one of 1 to 8; taken as upright.");
  }
}

void read_exif_orientation(std::span<const uint8_t> exif, Probe& probe) {
  constexpr size_t kPrefix = 6, kEntry = 12;
  constexpr uint16_t kOrientation = 0x0112, kShort = 3;
  try {
    if (ByteReader(exif).matches(0, {"Exif\0", 5})) exif = exif.subspan(std::min(kPrefix, exif.size()));
    const bool little = ByteReader(exif).matches(0, {"II*\0", 4});
    if (!little && !ByteReader(exif).matches(0, {"MM\0*", 4})) throw EndOfData{};
    const ByteReader tiff(exif, !little);
    const size_t directory = tiff.u32(4);
    const size_t count = tiff.u16(directory);
    for (size_t i = 0; i < count; ++i) {
      const size_t entry = directory + 2 + i * kEntry;
      if (tiff.u16(entry) == kOrientation && tiff.u16(entry + 2) == kShort)
        return set_orientation(tiff.u16(entry + 8), probe);
    }
  } catch (const EndOfData&) {
    probe.warnings.push_back("The Exif data is damaged; the photo is taken as upright.");
  }
}

}  // namespace swiftavatar
