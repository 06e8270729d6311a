#pragma once
// Where to look for faces: squares that cover a photo, from the whole down to the smallest face that is looked for.

#include <vector>

#include <opencv2/core.hpp>

#include "face/warp.h"

namespace swiftavatar {

/// Sides of the windows in which BlazeFace sees every face from kSmallestFace up, coarsest first: the photo's longer
/// side, 0.6 of it, then in even steps of at most a factor of two. At least the first two.
std::vector<float> window_sides(const cv::Size& photo);

/// Overlapping squares of one side, turned by `angle` radians (a multiple of a quarter), that cover the photo.
std::vector<Square> tiles(const cv::Size& photo, float side, float angle = 0);

}  // namespace swiftavatar
