#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "face/warp.h"
#include "swiftavatar/face.h"

namespace swiftavatar {

// scripts/train/swiftavatar_train/core/align.py computes the same; the networks are trained on its crops.

cv::Matx23d align_transform(const std::array<cv::Point2f, 5>& five, int size, double crop) {
  const cv::Point2d left_eye = five[0], right_eye = five[1], left_mouth = five[3], right_mouth = five[4];
  const cv::Point2d eyes = (left_eye + right_eye) / 2, mouth = (left_mouth + right_mouth) / 2;
  const cv::Point2d eye_to_eye = right_eye - left_eye, eye_to_mouth = mouth - eyes;

  // The crop's horizontal axis averages the line of the eyes and the perpendicular of the line from eyes to mouth, so
  // that it follows the roll of the head and little of its yaw.
  const cv::Point2d axis = eye_to_eye - cv::Point2d(-eye_to_mouth.y, eye_to_mouth.x);
  const double half_side = crop * std::max(2.0 * cv::norm(eye_to_eye), 1.8 * cv::norm(eye_to_mouth));
  const cv::Point2d centre = eyes + 0.1 * eye_to_mouth;

  const double scale = size / (2 * half_side);
  const double cos = scale * axis.x / cv::norm(axis), sin = scale * axis.y / cv::norm(axis);
  return {cos,  sin, size / 2.0 - (cos * centre.x + sin * centre.y),  //
          -sin, cos, size / 2.0 - (-sin * centre.x + cos * centre.y)};
}

cv::Mat align_image(const cv::Mat& rgb, const cv::Matx23d& transform, int size) {
  return warp_similarity(rgb, transform, size, cv::BORDER_REFLECT_101);
}

std::vector<cv::Point2f> transform_points(const std::vector<cv::Point2f>& points, const cv::Matx23d& transform) {
  std::vector<cv::Point2f> moved;
  moved.reserve(points.size());
  for (const cv::Point2f& point : points) {
    const cv::Vec2d to = transform * cv::Vec3d(point.x, point.y, 1);
    moved.emplace_back(static_cast<float>(to[0]), static_cast<float>(to[1]));
  }
  return moved;
}

}  // namespace swiftavatar
