#pragma once
// Resampling a photo by a similarity, and the rotated squares that face networks look at.

#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

/// `image` seen through `transform` (photo pixels to crop pixels, similarity): `size` x `size`, same type.
/// Area-averaged by a whole factor when shrinking; `border` is an OpenCV border mode.
cv::Mat warp_similarity(const cv::Mat& image, const cv::Matx23d& transform, int size, int border);

/// A square of a photo, turned by `angle` radians (clockwise as one looks at the photo).
struct Square {
  cv::Point2f centre;
  float side = 0;
  float angle = 0;

  /// The similarity from photo pixels to pixels of this square at `size` x `size`.
  cv::Matx23d transform(int size) const;
};

/// The smallest square at `angle` around the points, enlarged by `scale` about its centre.
Square enclosing_square(const std::vector<cv::Point2f>& points, float angle, float scale);

/// What is inside the square, `size` x `size`; `border`, an OpenCV border mode, fills what lies outside the photo.
cv::Mat sample_square(const cv::Mat& image, const Square& square, int size, int border);

}  // namespace swiftavatar
