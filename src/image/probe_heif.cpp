// HEIC and AVIF: ISO/IEC 14496-12 and 23008-12, the boxes that tell the size of the primary picture.

#include <algorithm>
#include <utility>

#include "image/byte_reader.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

/// A box's content, behind its length and type.
struct Box {
  std::string_view type;
  std::span<const uint8_t> content;

  ByteReader reader() const { return ByteReader(content); }
};

/// The boxes that fill `bytes` exactly, the last perhaps without a length. Throws EndOfData.
std::vector<Box> boxes_in(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  std::vector<Box> boxes;
  for (size_t at = 0; at < bytes.size();) {
    size_t head = 8, length = reader.u32(at);
    if (length == 1) head = 16, length = reader.u64(at + 8);
    if (length == 0) length = bytes.size() - at;  // to the end
    if (length < head) throw EndOfData{};
    const auto box = reader.slice(at, length);
    boxes.push_back({reader.text().substr(at + 4, 4), box.subspan(head)});
    at += length;
  }
  return boxes;
}

const Box* find(const std::vector<Box>& boxes, std::string_view type) {
  const auto box = std::find_if(boxes.begin(), boxes.end(), [&](const Box& each) { return each.type == type; });
  return box == boxes.end() ? nullptr : &*box;
}

/// A FullBox has a version and flags before its content.
constexpr size_t kFull = 4;

/// The item's properties, in the order in which they are to be applied.
std::vector<Box> properties_of(const std::vector<Box>& meta, uint32_t item) {
  const Box* iprp = find(meta, "iprp");
  if (!iprp) return {};
  const std::vector<Box> parts = boxes_in(iprp->content);
  const Box* ipco = find(parts, "ipco");
  if (!ipco) return {};
  const std::vector<Box> all = boxes_in(ipco->content);
  std::vector<Box> found;
  for (const Box& part : parts) {
    if (part.type != "ipma") continue;
    const ByteReader reader = part.reader();
    const bool long_items = reader.u8(0) > 0, long_indices = reader.u8(3) & 1;
    size_t at = kFull + 4;
    for (uint32_t entries = reader.u32(kFull); entries > 0; --entries) {
      const uint32_t id = long_items ? reader.u32(at) : reader.u16(at);
      at += long_items ? 4 : 2;
      for (int count = reader.u8(at++); count > 0; --count) {
        const size_t index = long_indices ? reader.u16(at) & 0x7FFF : reader.u8(at) & 0x7F;
        at += long_indices ? 2 : 1;
        if (id == item && index >= 1 && index <= all.size()) found.push_back(all[index - 1]);
      }
    }
  }
  return found;
}

/// A clean aperture's rounded side: a fraction at `at`; 0 where it means nothing.
uint32_t aperture(const ByteReader& reader, size_t at) {
  const uint64_t part = reader.u32(at), whole = reader.u32(at + 4);
  return whole == 0 ? 0 : static_cast<uint32_t>((part + whole / 2) / whole);
}

/// Size as seen: cut by clap and turned by irot.
void apply(const Box& property, uint32_t& width, uint32_t& height, bool& grey) {
  const ByteReader reader = property.reader();
  if (property.type == "ispe") {
    width = reader.u32(kFull);
    height = reader.u32(kFull + 4);
  } else if (property.type == "clap") {
    width = aperture(reader, 0);
    height = aperture(reader, 8);
  } else if (property.type == "irot" && (reader.u8(0) & 1) != 0) {
    std::swap(width, height);
  } else if (property.type == "pixi") {
    grey = reader.u8(kFull) == 1;
  } else if (property.type == "av1C") {
    grey = (reader.u8(2) & 0x10) != 0;
  } else if (property.type == "hvcC") {
    grey = (reader.u8(16) & 3) == 0;
  }
}

}  // namespace

/// By the major brand or a compatible one.
bool is_heif(std::span<const uint8_t> bytes) {
  constexpr std::string_view kBrands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1",
                                          "mif2", "msf1", "avif", "avis", "miaf", "1pic"};
  const ByteReader reader(bytes);
  if (!reader.matches(4, "ftyp") || !reader.has(0, 12)) return false;
  const size_t end = std::min<size_t>(reader.u32(0), bytes.size());
  for (size_t at = 8; at + 4 <= std::max<size_t>(end, 12); at += 4) {
    if (at == 12) continue;  // the minor version
    for (const std::string_view brand : kBrands) {
      if (reader.matches(at, brand)) return true;
    }
  }
  return false;
}

Result<Probe> probe_heif(std::span<const uint8_t> bytes) {
  Probe probe{.info = {.format = ImageFormat::heif}};
  const std::vector<Box> file = boxes_in(bytes);
  const Box* meta = find(file, "meta");
  if (!meta) {
    if (find(file, "moov"))
      return unsupported_error(
          "a HEIF or AVIF animation without a still picture; save one picture of it as PNG or JPEG");
    return damaged_error("a HEIF file without a picture");
  }
  uint32_t width = 0, height = 0;
  try {
    const std::vector<Box> parts = boxes_in(ByteReader(meta->content).slice(kFull, meta->content.size() - kFull));
    if (!find(file, "mdat") && !find(parts, "idat")) return truncated_error();
    const Box* primary = find(parts, "pitm");
    if (!primary) return damaged_error("a HEIF file without a primary picture");
    const ByteReader reader = primary->reader();
    const uint32_t item = reader.u8(0) == 0 ? reader.u16(kFull) : reader.u32(kFull);
    for (const Box& property : properties_of(parts, item)) apply(property, width, height, probe.grey);
  } catch (const EndOfData&) {
    return damaged_error("a HEIF file whose boxes do not fit into each other");
  }
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return damaged_error("a HEIF picture of impossible size");
  probe.info.width = static_cast<int>(width);
  probe.info.height = static_cast<int>(height);
  return probe;
}

}  // namespace swiftavatar
