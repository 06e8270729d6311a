#pragma once
// The mesh and iris networks: from a square around a face to its points. Internal to the model layer.

#include <optional>
#include <vector>

#include "face/warp.h"
#include "model/torch_module.h"
#include "swiftavatar/face.h"

namespace swiftavatar {

/// Fits the face mesh to faces that a detector proposes.
class FaceMesh {
 public:
  /// Roles mesh and iris. Throws Failure as TorchModule does.
  FaceMesh(const Bundle& bundle, const Device& device);

  /// For each square, which lies about a face without a margin: the face, or nothing where the network sees none in
  /// any of four turns. `least` is the least logit of its face flag. Throws Failure: model_corrupt, out_of_memory.
  std::vector<std::optional<Face>> fit(const cv::Mat& rgb, const std::vector<Square>& squares, float least) const;

 private:
  struct Fit;
  std::vector<Fit> look(const cv::Mat& rgb, const std::vector<Square>& squares) const;
  void add_irises(const cv::Mat& rgb, const std::vector<std::vector<cv::Point2f>*>& meshes) const;

  TorchModule mesh_, iris_;
};

}  // namespace swiftavatar
