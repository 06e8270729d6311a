// Part of libswiftavatar-codecs.so.

#include <opencv2/imgcodecs.hpp>

#include "image/codecs.h"

namespace swiftavatar {

cv::Mat swiftavatar_opencv_decode(const cv::Mat& bytes, int flags) { return cv::imdecode(bytes, flags); }

std::vector<uint8_t> swiftavatar_opencv_encode(const std::string& suffix, const cv::Mat& image,
                                               const std::vector<int>& parameters) {
  std::vector<uint8_t> bytes;
  if (!cv::imencode(suffix, image, bytes, parameters)) bytes.clear();
  return bytes;
}

}  // namespace swiftavatar
