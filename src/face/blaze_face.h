#pragma once
// Reading the answer of BlazeFace, MediaPipe's short-range face detector (Bazarevsky et al. 2019).

#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "face/warp.h"

namespace swiftavatar {

/// A face that the detector proposes, in units of its square input (0..1).
struct FaceProposal {
  cv::Rect2f box;
  cv::Point2f left_eye, right_eye;  ///< as seen in the picture
  float score = 0;                  ///< 0..1

  /// The proposal, made of what is inside `window`, in pixels of the photo. A window that is turned turns the box by
  /// whole quarters.
  FaceProposal in(const Square& window) const;

  /// Of the line of the eyes, radians.
  float angle() const;
};

inline constexpr int kBlazeFaceSize = 128;     ///< side of the network's input, pixels
inline constexpr int kBlazeFaceAnchors = 896;  ///< 2 per cell of 16 x 16, then 6 per cell of 8 x 8
inline constexpr int kBlazeFaceValues = 16;    ///< per anchor: box centre x, y, width, height, six keypoints x, y

/// Proposals with a score of at least `threshold`, best first. Overlapping ones (intersection over union above 0.3 with
/// the best of them) are averaged, weighted by score, for the anchors of one face disagree by some pixels.
/// `boxes`: kBlazeFaceAnchors x kBlazeFaceValues in input pixels; `logits`: kBlazeFaceAnchors.
std::vector<FaceProposal> decode_blaze_face(std::span<const float> boxes, std::span<const float> logits,
                                            float threshold);

/// Intersection over union of two boxes, 0..1.
float overlap(const cv::Rect2f& a, const cv::Rect2f& b);

}  // namespace swiftavatar
