#pragma once
// The mesh and iris networks: from a square around a face to its points. Internal to the model layer.

#include <optional>
#include <vector>

#include "face/warp.h"
#include "model/torch_module.h"
#include "swiftavatar/face.h"

namespace swiftavatar {

/// A face, and how sure it is.
struct MeshedFace {
  Face face;
  float logit = 0;  ///< of the mesh's face flag
};

/// The logit from which on a face is one and its turn is right. Of 240 people's photos, half of them turned by 180
/// degrees, it was 18 and more with the face upright in the square and 12 and less with it on its head, where the
/// sigmoid is 1 of both.
inline constexpr float kSureFace = 20;

/// Fits the face mesh to faces that a detector proposes.
class FaceMesh {
 public:
  /// Roles mesh and iris. Throws Failure as TorchModule does.
  FaceMesh(const Bundle& bundle, const Device& device);

  /// For each square, which lies about a face without a margin: the face, or nothing where the network sees none. A
  /// face that it is not sure of is tried in three more turns. Throws Failure: model_corrupt, out_of_memory.
  std::vector<std::optional<MeshedFace>> fit(const cv::Mat& rgb, const std::vector<Square>& squares) const;

 private:
  struct Fit;
  std::vector<Fit> look(const cv::Mat& rgb, const std::vector<Square>& squares) const;
  void turn_unsure(const cv::Mat& rgb, const std::vector<Square>& squares, std::vector<Fit>& fits) const;
  void add_irises(const cv::Mat& rgb, const std::vector<std::vector<cv::Point2f>*>& meshes) const;

  TorchModule mesh_, iris_;
};

}  // namespace swiftavatar
