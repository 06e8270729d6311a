#include "face/warp.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace swiftavatar {

namespace {

/// The part of a line of `length` pixels, in whole multiples of `step`, that samples from `low` to `high` touch. What
/// lies beyond an end is its mirror image.
cv::Range touched(double low, double high, int length, int step) {
  const double first = std::min(low, 2.0 * (length - 1) - high), last = std::max(high, -low);
  const int begin = static_cast<int>(std::clamp(std::floor(first), 0.0, length - 1.0)) / step * step;
  const int end = static_cast<int>(std::clamp(std::ceil(last) + 1, begin + 1.0, static_cast<double>(length)));
  return {begin, std::min(length, begin + (end - begin + step - 1) / step * step)};
}

/// What a square of `size` pixels that `transform` cuts out of an image touches of it, with a margin of `step` pixels.
cv::Rect neighbourhood(const cv::Mat& image, const cv::Matx23d& transform, int size, int step) {
  const double scale = std::hypot(transform(0, 0), transform(0, 1)), cos = transform(0, 0) / scale,
               sin = transform(0, 1) / scale;
  const double x = size / 2.0 - transform(0, 2), y = size / 2.0 - transform(1, 2);
  const cv::Point2d centre((cos * x - sin * y) / scale, (sin * x + cos * y) / scale);
  const double reach = (std::abs(cos) + std::abs(sin)) * size / scale / 2 + 2.0 * step;
  const cv::Range columns = touched(centre.x - reach, centre.x + reach, image.cols, step);
  const cv::Range rows = touched(centre.y - reach, centre.y + reach, image.rows, step);
  return {columns.start, rows.start, columns.size(), rows.size()};
}

}  // namespace

cv::Mat warp_similarity(const cv::Mat& image, const cv::Matx23d& transform, int size, int border) {
  cv::Mat source = image;
  cv::Matx23d matrix = transform;

  // Bilinear sampling sees four pixels only: a large photo is first area-averaged by a whole factor, where the square
  // lies alone, for a photo may hold many faces.
  const int shrink = static_cast<int>(1.0 / std::hypot(transform(0, 0), transform(0, 1)));
  if (shrink >= 2) {
    const cv::Rect region = neighbourhood(image, transform, size, shrink);
    const cv::Size small(std::max(1, region.width / shrink), std::max(1, region.height / shrink));
    cv::resize(image(region), source, small, 0, 0, cv::INTER_AREA);
    const double x_factor = static_cast<double>(region.width) / small.width;
    const double y_factor = static_cast<double>(region.height) / small.height;
    for (int row = 0; row < 2; ++row) {
      matrix(row, 2) += matrix(row, 0) * region.x + matrix(row, 1) * region.y;
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
  return warp_similarity(image, square.transform(size), size, border);
}

}  // namespace swiftavatar
