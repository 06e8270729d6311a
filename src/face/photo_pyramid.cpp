#include "face/photo_pyramid.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace swiftavatar {

cv::Mat PhotoPyramid::sample(const Square& square, int size, int border) {
  size_t halvings = 0;
  float side = square.side / 2;
  while (side >= static_cast<float>(size)) {
    ++halvings;
    side /= 2;
  }
  while (sizes_.size() <= halvings) {
    const cv::Mat& last = sizes_.back();
    if (last.cols < 2 || last.rows < 2) break;
    cv::Mat half;
    cv::resize(last, half, {last.cols / 2, last.rows / 2}, 0, 0, cv::INTER_AREA);
    sizes_.push_back(half);
  }
  const cv::Mat& image = sizes_[std::min(halvings, sizes_.size() - 1)];
  // An odd side loses half a pixel when halved; over all halvings less than one pixel of the photo's size in the end.
  const float x = static_cast<float>(image.cols) / static_cast<float>(photo().cols);
  const float y = static_cast<float>(image.rows) / static_cast<float>(photo().rows);
  return sample_square(
      image,
      {.centre = {x * square.centre.x, y * square.centre.y}, .side = (x + y) / 2 * square.side, .angle = square.angle},
      size, border);
}

}  // namespace swiftavatar
