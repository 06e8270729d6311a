// PNG: W3C Portable Network Graphics, third edition (chunks, CRC, colour chunks, eXIf, texts).

#include <algorithm>
#include <array>

#include <zlib.h>

#include "image/byte_reader.h"
#include "image/color_profile.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

constexpr size_t kSignature = 8, kChunkFrame = 12;  // length, type and CRC around a chunk's data

/// What zlib packed, at most kMaxProfileBytes; empty where it is damaged or larger.
std::vector<uint8_t> inflated(std::span<const uint8_t> packed) {
  std::vector<uint8_t> bytes(kMaxProfileBytes);
  uLongf length = bytes.size();
  if (uncompress(bytes.data(), &length, packed.data(), packed.size()) != Z_OK) return {};
  bytes.resize(length);
  return bytes;
}

/// The bytes behind the first `zeros` zeros; empty where there are fewer.
std::span<const uint8_t> behind_zeros(std::span<const uint8_t> bytes, int zeros) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0 && --zeros == 0) return bytes.subspan(i + 1);
  }
  return {};
}

/// "Raw profile type exif" and "APP1", as ImageMagick and exiv2 write them: a name, a length and hexadecimal digits.
void read_raw_profile(std::string_view text, Orientation& orientation) {
  size_t at = 0;
  for (int lines = 0; lines < 3 && at < text.size(); ++lines) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char c : text.substr(std::min(at, text.size()))) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (high >= 0) bytes.push_back(static_cast<uint8_t>(high * 16 + digit));
    high = high < 0 ? digit : -1;
  }
  const ByteReader reader(bytes);
  if (reader.matches(0, "http://ns.adobe.com/xap/1.0/")) {
    orientation.read_xmp(reader.text());
  } else if (!bytes.empty()) {
    orientation.read_exif(bytes);
  }
}

/// tEXt, zTXt and iTXt: XMP, and the Exif of writers from before eXIf.
void read_text(std::string_view type, std::span<const uint8_t> data, Orientation& orientation) {
  const ByteReader reader(data);
  const bool xmp = type == "iTXt" && reader.matches(0, {"XML:com.adobe.xmp\0", 18});
  const bool raw =
      reader.matches(0, {"Raw profile type exif\0", 22}) || reader.matches(0, {"Raw profile type APP1\0", 22});
  if (xmp) {
    const auto content = behind_zeros(data.subspan(std::min<size_t>(20, data.size())), 2);  // two flags, two texts
    const bool packed = data.size() > 18 && data[18] != 0;
    const std::vector<uint8_t> text = packed ? inflated(content) : std::vector<uint8_t>(content.begin(), content.end());
    orientation.read_xmp(ByteReader(text).text());
  } else if (raw) {
    const bool packed = type == "zTXt";
    auto content = behind_zeros(data, 1);
    if (packed) content = content.subspan(std::min<size_t>(1, content.size()));  // the method
    const std::vector<uint8_t> text = packed ? inflated(content) : std::vector<uint8_t>(content.begin(), content.end());
    read_raw_profile(ByteReader(text).text(), orientation);
  }
}

/// The colour chunks, of which the first in this order counts: cICP, iCCP, sRGB, cHRM. (gAMA is left to libpng.)
struct ColourChunks {
  std::span<const uint8_t> cicp, iccp, chrm;
  bool srgb = false;

  void add(std::string_view type, std::span<const uint8_t> data) {
    if (type == "cICP") cicp = data;
    if (type == "iCCP") iccp = data;
    if (type == "cHRM") chrm = data;
    if (type == "sRGB") srgb = true;
  }
  void apply(Probe& probe) const {
    if (cicp.size() == 4) {
      const CodedColours colours{cicp[0], cicp[1]};
      probe.profile = profile_of(colours);
      if (colours.is_hdr()) probe.warnings.push_back(kHdrWarning);
    } else if (!iccp.empty()) {
      const auto packed = behind_zeros(iccp, 1);
      probe.profile = inflated(packed.subspan(std::min<size_t>(1, packed.size())));  // the method
      if (probe.profile.empty())
        probe.warnings.push_back("The colour profile is damaged; the colours are taken as sRGB.");
    } else if (!srgb && chrm.size() == 32) {
      std::array<double, 8> xy{};
      for (size_t i = 0; i < 8; ++i) xy[i] = ByteReader(chrm).u32(4 * i) / 100000.0;
      probe.profile = profile_of(Primaries{{xy[0], xy[1]}, {xy[2], xy[3]}, {xy[4], xy[5]}, {xy[6], xy[7]}});
    }
  }
};

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
  ColourChunks colours;
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
      const std::string_view type = reader.text().substr(at + 4, 4);
      if (intact && type == "eXIf") probe.orientation.read_exif(data);
      if (intact && type.ends_with("Xt")) read_text(type, data, probe.orientation);
      if (intact) colours.add(type, data);
      at += length + kChunkFrame;
    }
    if (!probe.problem && !has_data) probe.problem = damaged_error("a PNG without picture data");
  } catch (const EndOfData&) {
    probe.problem = truncated_error();
  }
  colours.apply(probe);
  return probe;
}

std::vector<uint8_t> without_png_profile(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  const auto chunks = [&](auto&& take) {
    for (size_t at = kSignature; at < bytes.size();) {
      const size_t length = std::min(reader.u32(at) + kChunkFrame, bytes.size() - at);
      const std::string_view type = reader.text().substr(at + 4, 4);
      take(type, bytes.subspan(at, length));
      if (type == "IEND") return;
      at += length;
    }
  };
  bool profiled = false;  // then gAMA does not count
  chunks([&](std::string_view type, auto) { profiled |= type == "iCCP" || type == "cICP"; });
  std::vector<uint8_t> kept(bytes.begin(), bytes.begin() + kSignature);
  kept.reserve(bytes.size());
  chunks([&](std::string_view type, std::span<const uint8_t> chunk) {
    if (type != "iCCP" && !(profiled && (type == "gAMA" || type == "sRGB")))
      kept.insert(kept.end(), chunk.begin(), chunk.end());
  });
  return kept;
}

}  // namespace swiftavatar
