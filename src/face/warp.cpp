#include "face/warp.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace swiftavatar {

cv::Mat warp_similarity(const cv::Mat& image, const cv::Matx23d& transform, int size, int border) {
  cv::Mat source = image;
  cv::Matx23d matrix = transform;

  // Bilinear sampling sees four pixels only: a large photo is first area-averaged by a whole factor.
  const int shrink = static_cast<int>(1.0 / std::hypot(transform(0, 0), transform(0, 1)));
  if (shrink >= 2) {
    const cv::Size small(std::max(1, image.cols / shrink), std::max(1, image.rows / shrink));
    cv::resize(image, source, small, 0, 0, cv::INTER_AREA);
    const double x_factor = static_cast<double>(image.cols) / small.width;
    const double y_factor = static_cast<double>(image.rows) / small.height;
    for (int row = 0; row < 2; ++row) {
      matrix(row, 0) *= x_factor;
      matrix(row, 1) *= y_factor;
    }
  }
  for (int row = 0; row < 2; ++row) {  // from our pixel centres at halves to OpenCV's at integers
    matrix(row, 2) += 0.5 * (matrix(row, 0) + matrix(row, 1)) - 0.5;
  }
  cv::Mat warped;
  cv::warpAffine(source, warped, matrix, {size, size}, cv::INTER_LINEAR, border);
  return warped;
}

cv::Matx23d Square::transform(int size) const {
  const double scale = size / static_cast<double>(side);
  const double cos = scale * std::cos(angle), sin = scale * std::sin(angle);
  return {cos,  sin, size / 2.0 - (cos * centre.x + sin * centre.y),  //
          -sin, cos, size / 2.0 - (-sin * centre.x + cos * centre.y)};
}

Square enclosing_square(const std::vector<cv::Point2f>& points, float angle, float scale) {
  const float cos = std::cos(angle), sin = std::sin(angle);
  cv::Point2f low(INFINITY, INFINITY), high(-INFINITY, -INFINITY);  // in the frame turned by `angle`
  for (const cv::Point2f& point : points) {
    const cv::Point2f turned(cos * point.x + sin * point.y, -sin * point.x + cos * point.y);
    low = {std::min(low.x, turned.x), std::min(low.y, turned.y)};
    high = {std::max(high.x, turned.x), std::max(high.y, turned.y)};
  }
  const cv::Point2f middle = (low + high) / 2;
  return {.centre = {cos * middle.x - sin * middle.y, sin * middle.x + cos * middle.y},
          .side = scale * std::max(high.x - low.x, high.y - low.y),
          .angle = angle};
}

cv::Mat sample_square(const cv::Mat& image, const Square& square, int size, int border) {
  // Only the neighbourhood of the square is resampled: photos are large and may hold many faces.
  const float reach = square.side * (std::abs(std::cos(square.angle)) + std::abs(std::sin(square.angle))) / 2;
  const float margin = 2 * (1 + square.side / size);
  const cv::Point2f corner(reach + margin, reach + margin);
  const cv::Rect photo(0, 0, image.cols, image.rows);
  cv::Rect region = cv::Rect(cv::Point(square.centre - corner), cv::Point(square.centre + corner)) & photo;
  if (region.empty()) region = photo;

  Square inside = square;
  inside.centre -= cv::Point2f(region.tl());
  return warp_similarity(image(region), inside.transform(size), size, border);
}

}  // namespace swiftavatar
