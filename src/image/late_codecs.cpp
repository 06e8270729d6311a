// Part of libswiftavatar-codecs.so.

#include <opencv2/imgcodecs.hpp>

#include "image/codecs.h"

namespace swiftavatar {

cv::Mat swiftavatar_opencv_decode(const cv::Mat& bytes, int flags) { return cv::imdecode(bytes, flags); }

std::vector<uint8_t> swiftavatar_opencv_encode_png(const cv::Mat& image) {
  std::vector<uint8_t> bytes;
  if (!cv::imencode(".png", image, bytes)) bytes.clear();
  return bytes;
}

}  // namespace swiftavatar
