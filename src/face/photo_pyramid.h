#pragma once
// A photo at several sizes, for looking at many squares of it.

#include <vector>

#include <opencv2/core.hpp>

#include "face/warp.h"

namespace swiftavatar {

/// `sample_square` of a photo, from halved copies of it: squares of all sizes cost about the same. Shares the photo's
/// pixels.
class PhotoPyramid {
 public:
  /// For samples of `size` pixels a side.
  PhotoPyramid(const cv::Mat& photo, int size);

  const cv::Mat& photo() const { return sizes_.front(); }
  cv::Mat sample(const Square& square, int border) const;

 private:
  std::vector<cv::Mat> sizes_;  ///< the photo, its half, its quarter ...
  int size_;
};

}  // namespace swiftavatar
