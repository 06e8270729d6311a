// Files that are none of our formats, by the name that the message gives them.

#include <algorithm>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

struct Foreign {
  size_t at;
  std::string_view bytes, name;
};

constexpr std::string_view kRaw = "a raw photo as the camera took it";

constexpr Foreign kForeign[] = {
    {0, "GIF87a", "a GIF"},
    {0, "GIF89a", "a GIF"},
    {0, "8BPS", "a Photoshop file"},
    {0, "gimp xcf", "a GIMP file"},
    {0, "\xFF\x0A", "a JPEG XL picture"},
    {4, "JXL \r\n", "a JPEG XL picture"},
    {4, "jP  \r\n", "a JPEG 2000 picture"},
    {0, "\xFF\x4F\xFF\x51", "a JPEG 2000 picture"},
    {0, "II\xBC", "a JPEG XR picture"},
    {0, "%PDF-", "a PDF"},
    {0, "%!PS", "a PostScript file"},
    {0, "\xC5\xD0\xD3\xC6", "a PostScript file"},
    {0, "\xD7\xCD\xC6\x9A", "a Windows metafile"},
    {40, " EMF", "a Windows metafile"},
    {0, "/* XPM", "an XPM picture"},
    {0, "\xB1\x68\xDE\x3A", "a DCX picture"},
    {0, "v/1\x01", "an OpenEXR picture"},
    {0, "#?RADIANCE", "a Radiance HDR picture"},
    {0, "#?RGBE", "a Radiance HDR picture"},
    {0, "qoif", "a QOI picture"},
    {0, "DDS ", "a DDS texture"},
    {0, "\x8AMNG", "an MNG animation"},
    {0, "BPG\xFB", "a BPG picture"},
    {0, "\x59\xA6\x6A\x95", "a Sun raster picture"},
    {0, {"\x01\xDA\x01", 3}, "an SGI picture"},
    {0, {"\x01\xDA\0", 3}, "an SGI picture"},
    {0, "SIMPLE  =", "a FITS picture"},
    {0, "icns", "an icon file"},
    {0, {"\0\0\1\0", 4}, "an icon file"},
    {0, {"\0\0\2\0", 4}, "a cursor file"},
    {0, "FUJIFILMCCD-RAW", kRaw},
    {0, {"IIU\0", 4}, kRaw},
    {0, "IIRO", kRaw},
    {0, "IIRS", kRaw},
    {0, "MMOR", kRaw},
    {0, "FOVb", kRaw},
    {0, {"\0MRM", 4}, kRaw},
    {6, "HEAPCCDR", kRaw},
    {4, "ftypcrx ", kRaw},
    {8, "AVI LIST", "a video"},
    {0, "\x1A\x45\xDF\xA3", "a video"},
    {4, "ftyp", "a video or another ISO media file"},
};

/// PBM, PGM, PPM and PAM: "P1" to "P7" and white space.
bool is_pnm(const ByteReader& reader) {
  return reader.matches(0, "P") && reader.has(0, 3) && reader.u8(1) >= '1' && reader.u8(1) <= '7' &&
         std::string_view(" \t\r\n#").find(static_cast<char>(reader.u8(2))) != std::string_view::npos;
}

/// A manufacturer's byte, a version, "run lengths", and bits.
bool is_pcx(const ByteReader& reader) {
  if (!reader.has(0, 128) || reader.u8(0) != 0x0A || reader.u8(1) > 5 || reader.u8(2) > 1 || reader.u8(64) != 0)
    return false;
  const uint8_t bits = reader.u8(3);
  return bits == 1 || bits == 2 || bits == 4 || bits == 8;
}

/// TGA has no magic bytes. The newer kind has a footer; the older is known by a header that holds together.
bool is_tga(const ByteReader& reader) {
  constexpr std::string_view kFooter = "TRUEVISION-XFILE.";
  constexpr size_t kHeader = 18;
  if (reader.size() < kHeader + 2) return false;
  if (reader.size() >= kHeader + 26 && reader.matches(reader.size() - 18, kFooter)) return true;
  const ByteReader little(reader.slice(0, kHeader), /*big_endian=*/false);
  const uint8_t map = little.u8(1), kind = little.u8(2), bits = little.u8(16);
  const bool kinds = kind == 1 || kind == 2 || kind == 3 || kind == 9 || kind == 10 || kind == 11;
  const bool depths = bits == 8 || bits == 15 || bits == 16 || bits == 24 || bits == 32;
  const bool map_fits = map == 0 ? little.u16(3) == 0 && little.u16(5) == 0 && little.u8(7) == 0
                                 : map == 1 && (kind == 1 || kind == 9) && little.u16(5) != 0;
  return kinds && depths && map_fits && little.u16(12) != 0 && little.u16(14) != 0 && (little.u8(17) & 0xC0) == 0;
}

/// The root element of an XML text, behind a byte order mark, declarations and comments, is svg.
bool is_svg(const ByteReader& reader) {
  constexpr size_t kFar = 4096;
  std::string_view text = reader.text().substr(0, kFar);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const size_t root = text.find("<svg");
  return text.starts_with("<svg") ||
         ((text.starts_with("<?xml") || text.starts_with("<!")) && root != std::string_view::npos);
}

}  // namespace

Error foreign_error(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  const auto known = std::find_if(std::begin(kForeign), std::end(kForeign),
                                  [&](const Foreign& foreign) { return reader.matches(foreign.at, foreign.bytes); });
  std::string_view name;
  if (is_tga(reader)) {  // before cursors, which begin alike
    name = "a TGA picture";
  } else if (known != std::end(kForeign)) {
    name = known->name;
  } else if (is_svg(reader)) {
    name = "an SVG drawing";
  } else if (is_pnm(reader)) {
    name = "a PNM picture";
  } else if (is_pcx(reader)) {
    name = "a PCX picture";
  }
  if (!name.empty()) return unsupported_error(std::string(name) + "; give a photo as JPEG, PNG, WebP, BMP or TIFF");
  return {ErrorCode::not_an_image, "is not a picture; give a photo as JPEG, PNG, WebP, BMP or TIFF."};
}

}  // namespace swiftavatar
