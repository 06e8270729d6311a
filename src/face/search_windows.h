#pragma once
// Where to look for faces: squares that cover a photo, from the whole down to the smallest face that is looked for.

#include <vector>

#include <opencv2/core.hpp>

#include "face/warp.h"

namespace swiftavatar {

/// Windows in which BlazeFace sees every face from kSmallestFace up: squares of one size each, turned by `angle`
/// radians (a multiple of a quarter), coarsest first. At least two sizes: one square around the whole photo,
/// overlapping ones of 0.6 of its longer side that cover it, and so on in even steps of at most a factor of two.
std::vector<std::vector<Square>> search_windows(const cv::Size& photo, float angle = 0);

}  // namespace swiftavatar
