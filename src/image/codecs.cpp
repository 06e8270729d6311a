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

std::vector<uint8_t> opencv_encode(const std::string& suffix, const cv::Mat& image,
                                   const std::vector<int>& parameters) {
  static auto* const encode = library().function<decltype(opencv_encode)>("swiftavatar_opencv_encode");
  return encode(suffix, image, parameters);
}

}  // namespace swiftavatar
