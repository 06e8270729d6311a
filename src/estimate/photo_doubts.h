#pragma once
// What a photo shows so badly that the answer has to guess it.

#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "estimate/face_reader.h"

namespace swiftavatar {

/// The share (0..1) of a crop's place for hair and headwear, which is above the forehead and as wide as the face, that
/// lies outside the photo. `transform` maps the photo's pixels to those of a crop of `side` pixels; `mesh`: the face's
/// points in shares of that side. 0 where a point is not finite.
double share_outside(const cv::Matx23d& transform, int side, const std::vector<cv::Point2f>& mesh, cv::Size photo);

/// A sentence for each doubt: a small face, a head that the photo cuts off, a face in the dark, an over-exposed one.
/// The head skin_tone among `heads` says whether a dark face is fair skin in the dark.
std::vector<std::string> photo_doubts(const AlignedFace& aligned, const std::vector<HeadOutput>& heads);

}  // namespace swiftavatar
