#include "swiftavatar/gan.h"

namespace swiftavatar {

cv::Mat to_image(const Tensor& rgb, int index) {
  const int height = static_cast<int>(rgb.shape[2]), width = static_cast<int>(rgb.shape[3]);
  const size_t plane = static_cast<size_t>(height) * width;
  const float* const first = rgb.data.data() + 3 * plane * index;
  std::vector<cv::Mat> channels;
  for (int channel = 0; channel < 3; ++channel) {
    cv::Mat bytes;
    cv::Mat(height, width, CV_32F, const_cast<float*>(first + channel * plane)).convertTo(bytes, CV_8U, 127.5, 127.5);
    channels.push_back(bytes);
  }
  cv::Mat image;
  cv::merge(channels, image);
  return image;
}

}  // namespace swiftavatar
