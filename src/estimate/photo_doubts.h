#pragma once
// What a photo shows so badly that the answer has to guess it.

#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

/// The share (0..1) of a crop's place for hair and headwear, which is above the forehead and as wide as the face, that
/// lies outside the photo. `transform` maps the photo's pixels to those of a crop of `side` pixels; `mesh`: the face's
/// points in shares of that side. 0 where a point is not finite.
double share_outside(const cv::Matx23d& transform, int side, const std::vector<cv::Point2f>& mesh, cv::Size photo);

/// A sentence for each doubt: a small face, a head that the photo cuts off, a face in the dark, an over-exposed one.
/// `size`: the face's in the photo, pixels; `outside`: see share_outside; `crop` CV_8UC3 RGB, square; `mesh` as there.
std::vector<std::string> photo_doubts(float size, double outside, const cv::Mat& crop,
                                      const std::vector<cv::Point2f>& mesh);

}  // namespace swiftavatar
