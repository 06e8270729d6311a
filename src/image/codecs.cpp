#include "image/codecs.h"

#include "base/late_library.h"

namespace swiftavatar {

namespace {

const LateLibrary& library() {
  static const LateLibrary codecs("libswiftavatar-codecs.so", "reads and writes pictures");
  return codecs;
}

}  // namespace

void load_codecs() { library().function<decltype(load_codecs)>("swiftavatar_load_codecs")(); }

Result<StoredPicture> read_picture(std::span<const uint8_t> bytes, const Probe& probe) {
  static auto* const read = library().function<decltype(read_picture)>("swiftavatar_read_picture");
  return read(bytes, probe);
}

std::vector<uint8_t> write_png(const cv::Mat& image) {
  static auto* const write = library().function<decltype(write_png)>("swiftavatar_write_png");
  return write(image);
}

std::vector<uint8_t> write_webp(const cv::Mat& rgb, int quality) {
  static auto* const write = library().function<decltype(write_webp)>("swiftavatar_write_webp");
  return write(rgb, quality);
}

}  // namespace swiftavatar
