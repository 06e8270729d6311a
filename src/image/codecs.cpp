#include "image/codecs.h"

#include "base/late_library.h"

namespace swiftavatar {

namespace {

const LateLibrary& library() {
  static const LateLibrary codecs("libswiftavatar-codecs.so", "reads and writes pictures");
  return codecs;
}

}  // namespace

cv::Mat opencv_decode(const cv::Mat& bytes, int flags) {
  static auto* const decode = library().function<decltype(opencv_decode)>("swiftavatar_opencv_decode");
  return decode(bytes, flags);
}

std::vector<uint8_t> opencv_encode_png(const cv::Mat& image) {
  static auto* const encode = library().function<decltype(opencv_encode_png)>("swiftavatar_opencv_encode_png");
  return encode(image);
}

}  // namespace swiftavatar
