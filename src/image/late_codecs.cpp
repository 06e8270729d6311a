// What libswiftavatar-codecs.so exports.

#include <png.h>
#include <webp/encode.h>
#ifdef SWIFTAVATAR_HEIF
#include <libheif/heif.h>
#endif

#include "image/codec.h"

namespace swiftavatar {

void swiftavatar_load_codecs() {
#ifdef SWIFTAVATAR_HEIF
  heif_init(nullptr);  // looks for plug-ins
#endif
}

Result<StoredPicture> swiftavatar_read_picture(std::span<const uint8_t> bytes, const Probe& probe) {
  switch (probe.info.format) {
    case ImageFormat::jpeg: return read_jpeg(bytes, probe);
    case ImageFormat::png: return read_png(bytes, probe);
    case ImageFormat::webp: return read_webp(bytes, probe);
    case ImageFormat::bmp: return read_bmp(bytes, probe);
    case ImageFormat::tiff: return read_tiff(bytes, probe);
    case ImageFormat::heif: return read_heif(bytes, probe);
  }
  return unsupported_error("a picture of unknown format");
}

std::vector<uint8_t> swiftavatar_write_webp(const cv::Mat& rgb, int quality) {
  uint8_t* output = nullptr;
  const size_t size =
      WebPEncodeRGB(rgb.data, rgb.cols, rgb.rows, static_cast<int>(rgb.step), static_cast<float>(quality), &output);
  std::vector<uint8_t> bytes(output, output + size);
  WebPFree(output);
  return bytes;
}

}  // namespace swiftavatar
