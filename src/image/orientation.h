#pragma once
// The orientation that a photo's metadata give: Exif, or XMP where no Exif tells.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swiftavatar {

/// Collects what a file's metadata blocks say, in any order. Of several values of a kind the first counts.
class Orientation {
 public:
  /// Tag 0x0112 of IFD0 in an Exif block: a TIFF structure, with or without "Exif\0\0" before it.
  void read_exif(std::span<const uint8_t> exif);
  /// tiff:Orientation of an XMP packet.
  void read_xmp(std::string_view xmp);
  /// A value as a TIFF's own directory or an Exif block holds it.
  void set(uint32_t value);

  /// 1..8; 1 where nothing is said. Adds a sentence to `warnings` where something is said that means nothing.
  int value(std::vector<std::string>& warnings) const;

 private:
  int exif_ = 0, xmp_ = 0;  // 0: not said
  std::string warning_;
};

}  // namespace swiftavatar
