#pragma once
// A photo at several sizes, for looking at many squares of it.

#include <vector>

#include <opencv2/core.hpp>

#include "face/warp.h"

namespace swiftavatar {

/// `sample_square` of a photo, from halved copies of it that are made when first needed: squares of all sizes cost
/// about the same. Shares the photo's pixels. Not for several threads.
class PhotoPyramid {
 public:
  explicit PhotoPyramid(const cv::Mat& photo) : sizes_{photo} {}

  const cv::Mat& photo() const { return sizes_.front(); }
  cv::Mat sample(const Square& square, int size, int border);

 private:
  std::vector<cv::Mat> sizes_;  ///< the photo, its half, its quarter ...
};

}  // namespace swiftavatar
