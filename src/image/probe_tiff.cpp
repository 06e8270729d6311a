// TIFF 6.0 and TIFF/EP: of all pages (IFDs) the one that holds the photo, in either byte order.

#include <algorithm>
#include <map>
#include <utility>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr uint16_t kSubfileKind = 254, kOldSubfileKind = 255, kWidth = 256, kHeight = 257, kPhotometric = 262,
                   kStripOffsets = 273, kOrientation = 274, kStripCounts = 279, kTileOffsets = 324, kTileCounts = 325,
                   kSubDirectories = 330, kSampleFormat = 339, kXmp = 700, kProfile = 34675, kDngVersion = 50706;
constexpr size_t kMaxEntries = 1000, kMaxPieces = 1 << 20, kMaxPages = 1000;

/// An entry of the page's directory: numbers stand in the entry itself where they fit into its 4 bytes.
struct Field {
  uint16_t type = 0;
  size_t count = 0, at = 0;  ///< count 0: unreadable

  size_t width() const {
    constexpr size_t kWidths[] = {0, 1, 0, 2, 4, 0, 1, 1, 2, 4, 0, 0, 0, 4};  // of the integer types; 13 is IFD
    return type < std::size(kWidths) ? kWidths[type] : 0;
  }
};

uint32_t number(const ByteReader& reader, const Field& field, size_t index) {
  const size_t at = field.at + index * field.width();
  return field.width() == 2 ? reader.u16(at) : field.width() == 4 ? reader.u32(at) : reader.u8(at);
}

/// Of several entries of a tag the first counts, readable or not, as it does for libtiff.
struct Page {
  size_t at = 0, next = 0;
  std::map<uint16_t, Field> fields;

  const Field* find(uint16_t tag) const {
    const auto field = fields.find(tag);
    return field == fields.end() || field->second.count == 0 ? nullptr : &field->second;
  }
  uint32_t first(const ByteReader& reader, uint16_t tag, uint32_t otherwise) const {
    const Field* field = find(tag);
    return field ? number(reader, *field, 0) : otherwise;
  }
};

Page read_page(const ByteReader& reader, size_t at) {
  Page page{.at = at};
  const size_t count = reader.u16(at);
  if (count > kMaxEntries) return page;
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = at + 2 + i * 12;
    Field field{reader.u16(entry + 2), reader.u32(entry + 4), entry + 8};
    if (field.width() == 0) field.count = 0;
    if (field.width() * field.count > 4) field.at = reader.u32(entry + 8);
    page.fields.emplace(reader.u16(entry), field);
  }
  page.next = reader.u32(at + 2 + count * 12);
  return page;
}

/// The first page and all others that can be read: those that follow it, and those below them.
std::vector<Page> read_pages(const ByteReader& reader) {
  std::vector<Page> pages;
  std::vector<size_t> open = {reader.u32(4)};
  const auto known = [&](size_t at) {
    return std::any_of(pages.begin(), pages.end(), [&](const Page& page) { return page.at == at; });
  };
  while (!open.empty() && pages.size() < kMaxPages) {
    const size_t at = open.back();
    open.pop_back();
    if (at == 0 || known(at)) continue;
    try {
      pages.push_back(read_page(reader, at));
      open.push_back(pages.back().next);
      if (const Field* below = pages.back().find(kSubDirectories)) {
        for (size_t i = std::min(below->count, kMaxPages); i-- > 0;) open.push_back(number(reader, *below, i));
      }
    } catch (const EndOfData&) {
      if (pages.empty()) throw;
    }
  }
  return pages;
}

/// A thumbnail, or a mask of another page.
bool is_side_picture(const ByteReader& reader, const Page& page) {
  constexpr uint32_t kReduced = 1, kMask = 4, kOldReduced = 2;
  return (page.first(reader, kSubfileKind, 0) & (kReduced | kMask)) != 0 ||
         page.first(reader, kOldSubfileKind, 1) == kOldReduced;
}

bool is_raw(const ByteReader& reader, const std::vector<Page>& pages) {
  constexpr uint32_t kColourFilters = 32803, kLinearRaw = 34892;
  constexpr size_t kCanon = 8;
  return reader.matches(kCanon, "CR\2") || std::any_of(pages.begin(), pages.end(), [&](const Page& page) {
           const uint32_t photometric = page.first(reader, kPhotometric, 0);
           return photometric == kColourFilters || photometric == kLinearRaw || page.find(kDngVersion);
         });
}

int64_t pixels(const ByteReader& reader, const Page& page) {
  return int64_t{page.first(reader, kWidth, 0)} * page.first(reader, kHeight, 0);
}

/// Every strip or tile lies inside the file.
bool is_complete(const ByteReader& reader, const Page& page) {
  const bool tiled = page.fields.count(kTileOffsets) != 0;
  const Field* offsets = page.find(tiled ? kTileOffsets : kStripOffsets);
  const Field* counts = page.find(tiled ? kTileCounts : kStripCounts);
  if (!offsets || !counts || offsets->count != counts->count || offsets->count > kMaxPieces) return false;
  for (size_t i = 0; i < offsets->count; ++i) {
    if (!reader.has(number(reader, *offsets, i), number(reader, *counts, i))) return false;
  }
  return true;
}

std::span<const uint8_t> bytes_of(const ByteReader& reader, const Page& page, uint16_t tag) {
  const Field* field = page.find(tag);
  return field && field->width() == 1 && field->count <= kMaxProfileBytes ? reader.slice(field->at, field->count)
                                                                          : std::span<const uint8_t>{};
}

}  // namespace

Result<Probe> probe_tiff(std::span<const uint8_t> bytes) {
  constexpr uint16_t kBigTiff = 43;
  constexpr uint32_t kSeparated = 5, kUnsigned = 1;
  Probe probe{.info = {.format = ImageFormat::tiff}};
  const ByteReader reader(bytes, /*big_endian=*/bytes[0] == 'M');
  if (reader.u16(2) == kBigTiff) return unsupported_error("a BigTIFF; save it as TIFF, PNG or JPEG");
  const std::vector<Page> pages = read_pages(reader);
  if (pages.empty() || pages.front().fields.empty()) return damaged_error("a TIFF without a readable directory");
  if (is_raw(reader, pages)) {
    return unsupported_error("a raw photo as the camera took it; give a photo as JPEG, PNG, WebP, BMP or TIFF");
  }

  // The largest page; thumbnails and masks only where there is nothing else.
  const auto rank = [&](const Page& page) { return std::pair(!is_side_picture(reader, page), pixels(reader, page)); };
  const Page* page = &pages.front();
  for (const Page& other : pages) {
    if (rank(other) > rank(*page)) page = &other;
  }
  const auto is_photo = [&](const Page& each) { return rank(each) > std::pair(true, int64_t{0}); };
  if (std::count_if(pages.begin(), pages.end(), is_photo) > 1)
    probe.warnings.push_back("The TIFF has several pages; the largest is taken.");
  probe.page_at = page->at;

  const uint32_t width = page->first(reader, kWidth, 0), height = page->first(reader, kHeight, 0);
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return damaged_error("a TIFF of impossible size");
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);
  if (const Field* field = page->find(kOrientation)) {
    probe.orientation.set(number(reader, *field, 0));
  } else if (const Field* leading = pages.front().find(kOrientation)) {
    probe.orientation.set(number(reader, *leading, 0));
  }
  try {
    probe.orientation.read_xmp(ByteReader(bytes_of(reader, *page, kXmp)).text());
    const auto profile = bytes_of(reader, *page, kProfile);
    probe.profile.assign(profile.begin(), profile.end());
    if (page->first(reader, kSampleFormat, kUnsigned) != kUnsigned) {
      probe.problem = unsupported_error("a TIFF of signed or floating-point samples; save it with 8 or 16 bits");
    } else if (page->first(reader, kPhotometric, 2) == kSeparated) {
      probe.problem = unsupported_error("a TIFF in printing colours (CMYK); save it as RGB");
    } else if (!is_complete(reader, *page)) {
      probe.problem = truncated_error();
    }
  } catch (const EndOfData&) {
    probe.problem = truncated_error();
  }
  return probe;
}

}  // namespace swiftavatar
