#include "face/blaze_face.h"

#include <algorithm>
#include <cmath>

namespace swiftavatar {

namespace {

constexpr float kSameFace = 0.3f;

/// Centre of each anchor, 0..1.
std::vector<cv::Point2f> make_anchors() {
  std::vector<cv::Point2f> anchors;
  anchors.reserve(kBlazeFaceAnchors);
  for (const auto& [cells, per_cell] : {std::pair{16, 2}, std::pair{8, 6}}) {
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        anchors.insert(anchors.end(), per_cell, {(x + 0.5f) / cells, (y + 0.5f) / cells});
      }
    }
  }
  return anchors;
}

FaceProposal decode(const float* values, const cv::Point2f& anchor, float score) {
  const auto point = [&](size_t index) {
    return anchor + cv::Point2f(values[2 * index], values[2 * index + 1]) / kBlazeFaceSize;
  };
  const cv::Point2f centre = point(0);
  const cv::Size2f size(values[2] / kBlazeFaceSize, values[3] / kBlazeFaceSize);
  return {.box = {centre.x - size.width / 2, centre.y - size.height / 2, size.width, size.height},
          .left_eye = point(2),
          .right_eye = point(3),
          .score = score};
}

/// Mean by score; the score is the best one's.
FaceProposal average(const std::vector<FaceProposal>& proposals) {
  float total = 0;
  cv::Point2f corner, opposite, left_eye, right_eye;
  for (const FaceProposal& proposal : proposals) {
    total += proposal.score;
    corner += proposal.score * proposal.box.tl();
    opposite += proposal.score * proposal.box.br();
    left_eye += proposal.score * proposal.left_eye;
    right_eye += proposal.score * proposal.right_eye;
  }
  return {.box = {corner / total, opposite / total},
          .left_eye = left_eye / total,
          .right_eye = right_eye / total,
          .score = proposals.front().score};
}

}  // namespace

FaceProposal FaceProposal::in(const Square& window) const {
  const cv::Point2f x_axis = window.side * cv::Point2f(std::cos(window.angle), std::sin(window.angle));
  const cv::Point2f y_axis(-x_axis.y, x_axis.x);
  const auto place = [&](const cv::Point2f& point) {
    return window.centre + (point.x - 0.5f) * x_axis + (point.y - 0.5f) * y_axis;
  };
  return {.box = {place(box.tl()), place(box.br())},
          .left_eye = place(left_eye),
          .right_eye = place(right_eye),
          .score = score};
}

float FaceProposal::angle() const { return std::atan2(right_eye.y - left_eye.y, right_eye.x - left_eye.x); }

float overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float intersection = (a & b).area();
  const float united = a.area() + b.area() - intersection;
  return united > 0 ? intersection / united : 0;
}

std::vector<FaceProposal> decode_blaze_face(std::span<const float> boxes, std::span<const float> logits,
                                            float threshold) {
  static const std::vector<cv::Point2f> anchors = make_anchors();
  std::vector<FaceProposal> candidates;
  for (size_t i = 0; i < kBlazeFaceAnchors; ++i) {
    const float score = 1 / (1 + std::exp(-logits[i]));
    if (score >= threshold) candidates.push_back(decode(&boxes[i * kBlazeFaceValues], anchors[i], score));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const FaceProposal& a, const FaceProposal& b) { return a.score > b.score; });

  std::vector<FaceProposal> faces;
  while (!candidates.empty()) {
    const cv::Rect2f best = candidates.front().box;
    const auto others = std::stable_partition(candidates.begin() + 1, candidates.end(), [&best](const auto& candidate) {
      return overlap(best, candidate.box) > kSameFace;
    });
    faces.push_back(average({candidates.begin(), others}));
    candidates.erase(candidates.begin(), others);
  }
  return faces;
}

}  // namespace swiftavatar
