#include "image/orientation.h"

#include <algorithm>

#include "image/byte_reader.h"

namespace swiftavatar {

namespace {

constexpr uint16_t kOrientation = 0x0112;

/// The first number of a TIFF entry of any integer type: those of 1, 2 and 4 bytes, with and without sign.
uint32_t entry_value(const ByteReader& tiff, size_t entry) {
  const size_t value_at = entry + 8;
  switch (tiff.u16(entry + 2)) {
    case 1:
    case 6: return tiff.u8(value_at);
    case 3:
    case 8: return tiff.u16(value_at);
    case 4:
    case 9: return tiff.u32(value_at);
    default: return 0;
  }
}

}  // namespace

void Orientation::set(uint32_t value) {
  if (value >= 1 && value <= 8) {
    if (exif_ == 0) exif_ = static_cast<int>(value);
  } else if (warning_.empty()) {
    warning_ = "The orientation " + std::to_string(value) + " is not one of 1 to 8; taken as upright.";
  }
}

void Orientation::read_exif(std::span<const uint8_t> exif) {
  constexpr size_t kPrefix = 6, kEntry = 12;
  try {
    if (ByteReader(exif).matches(0, {"Exif\0", 5})) exif = exif.subspan(std::min(kPrefix, exif.size()));
    const bool little = ByteReader(exif).matches(0, {"II*\0", 4});
    if (!little && !ByteReader(exif).matches(0, {"MM\0*", 4})) throw EndOfData{};
    const ByteReader tiff(exif, !little);
    const size_t directory = tiff.u32(4);
    const size_t count = tiff.u16(directory);
    for (size_t i = 0; i < count; ++i) {
      const size_t entry = directory + 2 + i * kEntry;
      if (tiff.u16(entry) == kOrientation) return set(entry_value(tiff, entry));
    }
  } catch (const EndOfData&) {
    if (warning_.empty()) warning_ = "The Exif data is damaged; the photo is taken as upright.";
  }
}

/// As an attribute, tiff:Orientation="6", or as an element, <tiff:Orientation>6</tiff:Orientation>.
void Orientation::read_xmp(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  const size_t name = xmp.find(kName);
  if (name == std::string_view::npos || xmp_ != 0) return;
  const size_t digit = xmp.find_first_not_of(" \t\r\n=>\"'", name + kName.size());
  const bool alone = digit != std::string_view::npos && digit + 1 < xmp.size() &&
                     std::string_view(" \t\r\n<\"'").find(xmp[digit + 1]) != std::string_view::npos;
  if (alone && xmp[digit] >= '1' && xmp[digit] <= '8') xmp_ = xmp[digit] - '0';
}

int Orientation::value(std::vector<std::string>& warnings) const {
  if (exif_ != 0) return exif_;
  if (xmp_ != 0) return xmp_;
  if (!warning_.empty()) warnings.push_back(warning_);
  return 1;
}

}  // namespace swiftavatar
