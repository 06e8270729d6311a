// TIFF 6.0, the first page (IFD) of either byte order.

#include <map>

#include "image/byte_reader.h"
#include "image/exif.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr uint16_t kWidth = 256, kHeight = 257, kPhotometric = 262, kStripOffsets = 273, kOrientation = 274,
                   kStripCounts = 279, kTileOffsets = 324, kTileCounts = 325, kSampleFormat = 339, kProfile = 34675;
constexpr uint16_t kByte = 1, kShort = 3, kLong = 4, kUndefined = 7;
constexpr size_t kMaxEntries = 1000, kMaxPieces = 1 << 20;

/// An entry of the page's directory: numbers stand in the entry itself where they fit into its 4 bytes.
struct Field {
  uint16_t type = 0;
  size_t count = 0, at = 0, entry = 0;  ///< count 0: unreadable

  size_t width() const { return type == kShort ? 2 : type == kLong ? 4 : 1; }
};

uint32_t number(const ByteReader& reader, const Field& field, size_t index) {
  const size_t at = field.at + index * field.width();
  return field.type == kShort ? reader.u16(at) : field.type == kLong ? reader.u32(at) : reader.u8(at);
}

using Directory = std::map<uint16_t, Field>;

/// Of several entries of a tag the first counts, readable or not, as it does for libtiff: the size that we check must
/// be the size that is decoded.
Directory read_directory(const ByteReader& reader, size_t at, size_t count) {
  Directory directory;
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = at + 2 + i * 12;
    Field field{reader.u16(entry + 2), reader.u32(entry + 4), entry + 8, entry};
    if (field.type != kByte && field.type != kShort && field.type != kLong && field.type != kUndefined) {
      field.count = 0;
    }
    if (field.width() * field.count > 4) field.at = reader.u32(entry + 8);
    directory.emplace(reader.u16(entry), field);
  }
  return directory;
}

uint32_t first(const ByteReader& reader, const Directory& directory, uint16_t tag, uint32_t otherwise) {
  const auto field = directory.find(tag);
  return field == directory.end() || field->second.count == 0 ? otherwise : number(reader, field->second, 0);
}

/// Every strip or tile lies inside the file.
bool is_complete(const ByteReader& reader, const Directory& directory) {
  const bool tiled = directory.count(kTileOffsets) != 0;
  const auto offsets = directory.find(tiled ? kTileOffsets : kStripOffsets);
  const auto counts = directory.find(tiled ? kTileCounts : kStripCounts);
  if (offsets == directory.end() || counts == directory.end()) return false;
  if (offsets->second.count == 0 || offsets->second.count != counts->second.count || offsets->second.count > kMaxPieces)
    return false;
  for (size_t i = 0; i < offsets->second.count; ++i) {
    if (!reader.has(number(reader, offsets->second, i), number(reader, counts->second, i))) return false;
  }
  return true;
}

}  // namespace

Result<Probe> probe_tiff(std::span<const uint8_t> bytes) {
  constexpr uint16_t kBigTiff = 43;
  constexpr uint32_t kSeparated = 5, kUnsigned = 1;
  Probe probe{.info = {.format = ImageFormat::tiff}, .little_endian = bytes[0] == 'I'};
  const ByteReader reader(bytes, !probe.little_endian);
  if (reader.u16(2) == kBigTiff) {
    return Error{ErrorCode::unsupported_format, "is a BigTIFF; save it as TIFF, PNG or JPEG."};
  }
  const size_t at = reader.u32(4), count = reader.u16(at);
  if (count == 0 || count > kMaxEntries)
    return damaged_error("a TIFF directory of " + std::to_string(count) + " entries");
  const Directory directory = read_directory(reader, at, count);
  const uint32_t width = first(reader, directory, kWidth, 0), height = first(reader, directory, kHeight, 0);
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return damaged_error("a TIFF of impossible size");
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);

  if (const auto field = directory.find(kOrientation); field != directory.end()) {
    if (field->second.count != 0) set_orientation(number(reader, field->second, 0), probe);
    probe.tiff_orientation_at = field->second.entry + 2;
  }
  if (const auto field = directory.find(kProfile);
      field != directory.end() && field->second.width() == 1 && field->second.count <= kMaxProfileBytes) {
    const auto profile = reader.slice(field->second.at, field->second.count);
    probe.profile.assign(profile.begin(), profile.end());
  }
  try {
    if (reader.u32(at + 2 + count * 12) != 0)
      probe.warnings.push_back("The TIFF has several pages; the first is taken.");
    if (first(reader, directory, kSampleFormat, kUnsigned) != kUnsigned) {
      probe.problem = Error{ErrorCode::unsupported_format,
                            "is a TIFF of signed or floating-point samples; save it with 8 or 16 bits."};
    } else if (first(reader, directory, kPhotometric, 2) == kSeparated) {
      probe.problem = Error{ErrorCode::unsupported_format, "is a TIFF in printing colours (CMYK); save it as RGB."};
    } else if (!is_complete(reader, directory)) {
      probe.problem = truncated_error();
    }
  } catch (const EndOfData&) {
    probe.problem = truncated_error();
  }
  return probe;
}

}  // namespace swiftavatar
