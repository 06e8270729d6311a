#include "image/probe.h"

#include <array>
#include <string_view>

#include "image/byte_reader.h"

namespace swiftavatar {

namespace {

using ProbeFunction = Result<Probe> (*)(std::span<const uint8_t>);

struct Magic {
  size_t at;
  std::string_view bytes;
  ProbeFunction probe;
};

const Magic kFormats[] = {
    {0, "\xFF\xD8\xFF", probe_jpeg}, {0, "\x89PNG\r\n\x1A\n", probe_png}, {0, {"II*\0", 4}, probe_tiff},
    {0, {"MM\0*", 4}, probe_tiff},   {0, {"II+\0", 4}, probe_tiff},       {0, {"MM\0+", 4}, probe_tiff},
};

/// "BM" alone also starts texts; a BMP has zeros in its reserved bytes and a header size that fits in 16 bits.
bool is_bmp(const ByteReader& reader) {
  return reader.matches(0, "BM") &&
         (!reader.has(6, 12) || (reader.matches(6, {"\0\0\0\0", 4}) && reader.matches(16, {"\0\0", 2})));
}

Result<Probe> probe_format(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  for (const Magic& magic : kFormats) {
    if (reader.matches(magic.at, magic.bytes)) return magic.probe(bytes);
    // The file may end within the magic bytes; from 3 on they cannot be text.
    if (magic.at == 0 && bytes.size() >= 3 && bytes.size() < magic.bytes.size() &&
        reader.matches(0, magic.bytes.substr(0, bytes.size()))) {
      return truncated_error();
    }
  }
  if (reader.matches(0, "RIFF") && reader.matches(8, "WEBP")) return probe_webp(bytes);
  if (is_bmp(reader)) return probe_bmp(bytes);
  if (is_heif(bytes)) return probe_heif(bytes);
  return foreign_error(bytes);
}

std::optional<Error> check_limits(const ImageInfo& info, size_t file_bytes, const DecodeLimits& limits) {
  constexpr int64_t kRatioFrom = 4'000'000;  // pixels; small pictures of one colour may compress without bounds
  const std::string size = "is " + std::to_string(info.width) + "x" + std::to_string(info.height) + " pixels, ";
  const int64_t pixels = int64_t{info.width} * info.height;
  if (info.width <= 0 || info.height <= 0) return damaged_error("a picture without pixels");
  if (info.width > limits.max_side || info.height > limits.max_side) {
    return Error{ErrorCode::too_large, size + "a side is beyond the limit of " + std::to_string(limits.max_side) +
                                           "; give a smaller picture."};
  }
  if (pixels > limits.max_pixels) {
    return Error{ErrorCode::too_large, size + "beyond the limit of " + std::to_string(limits.max_pixels) +
                                           " pixels; give a smaller picture."};
  }
  if (pixels > kRatioFrom && 3.0 * static_cast<double>(pixels) > limits.max_ratio * static_cast<double>(file_bytes)) {
    return Error{ErrorCode::too_large, size + "far more than a file of " + std::to_string(file_bytes) +
                                           " bytes holds in earnest; give a smaller picture."};
  }
  return std::nullopt;
}

}  // namespace

Error truncated_error() {
  return {ErrorCode::truncated, "ends early, a part of the picture is missing; copy or download it again."};
}

Error damaged_error(const std::string& what) {
  return {ErrorCode::not_an_image, "is damaged (" + what + "); give another copy of the photo."};
}

Error unsupported_error(const std::string& what) { return {ErrorCode::unsupported_format, "is " + what + "."}; }

Result<Probe> probe_bytes(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  if (bytes.empty()) return Error{ErrorCode::not_an_image, "is empty; give a photo."};
  if (bytes.size() > limits.max_bytes) {
    return Error{ErrorCode::too_large, "has " + std::to_string(bytes.size()) + " bytes, beyond the limit of " +
                                           std::to_string(limits.max_bytes) + "; give a smaller file."};
  }
  try {
    auto probe = probe_format(bytes);
    if (!probe.ok()) return probe;
    Probe& found = probe.value();
    found.info.orientation = found.orientation.value(found.warnings);
    if (auto error = check_limits(probe.value().info, bytes.size(), limits)) return *error;
    return probe;
  } catch (const EndOfData&) {
    return truncated_error();
  }
}

Result<ImageInfo> probe_image(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  const auto probe = probe_bytes(bytes, limits);
  if (!probe.ok()) return probe.error();
  if (probe.value().problem) return *probe.value().problem;
  return probe.value().info;
}

}  // namespace swiftavatar
