#include "face/photo_pyramid.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace swiftavatar {

PhotoPyramid::PhotoPyramid(const cv::Mat& photo, int size) : sizes_{photo}, size_(size) {
  for (cv::Size half = photo.size() / 2; std::min(half.width, half.height) >= 1; half /= 2) {
    if (std::max(half.width, half.height) < size) break;
    cv::Mat smaller;
    cv::resize(sizes_.back(), smaller, half, 0, 0, cv::INTER_AREA);
    sizes_.push_back(smaller);
  }
}

cv::Mat PhotoPyramid::sample(const Square& square, int border) const {
  size_t halvings = 0;
  float side = square.side / 2;
  while (side >= static_cast<float>(size_)) {
    ++halvings;
    side /= 2;
  }
  const cv::Mat& image = sizes_[std::min(halvings, sizes_.size() - 1)];
  // An odd side loses half a pixel when halved; over all halvings less than one pixel of the photo's size in the end.
  const float x = static_cast<float>(image.cols) / static_cast<float>(photo().cols);
  const float y = static_cast<float>(image.rows) / static_cast<float>(photo().rows);
  return sample_square(
      image,
      {.centre = {x * square.centre.x, y * square.centre.y}, .side = (x + y) / 2 * square.side, .angle = square.angle},
      size_, border);
}

}  // namespace swiftavatar
