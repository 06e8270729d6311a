#pragma once
// From a photo's bytes to aligned, parsed faces: what every use of a photo starts with.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "estimate/result_json.h"
#include "model/spec.h"
#include "swiftavatar/face.h"
#include "swiftavatar/image.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

/// Which faces of a photo are meant. `error`: more than one is an error (several_faces). For it and for `center`, faces
/// under a third of the largest one's size are background.
enum class FacePolicy { largest, all, center, error };

/// A face that was found in a photo, and the photo's pixels, which its faces share.
struct FoundFace {
  int index = 1, count = 1;  ///< index 1 is the largest of `count` faces
  Face face;
  cv::Mat photo;  ///< CV_8UC3 RGB, upright
};

/// One face, ready for the models.
struct AlignedFace {
  int index = 1, count = 1;  ///< index 1 is the largest of `count` faces
  Face face;
  cv::Mat image;                         ///< CV_8UC3 RGB, FaceReader::kSize square
  std::vector<cv::Mat> parts;            ///< as FaceParser gives them
  std::vector<cv::Point2f> mesh;         ///< the face's mesh in shares (0..1) of the crop's side
  double outside = 0;                    ///< see share_outside
  cv::Mat generator_image;               ///< the photo as the realistic generator frames it; where asked for
  std::vector<cv::Mat> generator_parts;  ///< `parts` in that frame
};

/// Milliseconds by stage.
class Stopwatch {
 public:
  Stopwatch();
  /// Adds the time since the last lap to a stage.
  void lap(const std::string& stage);
  const std::vector<std::pair<std::string, double>>& laps() const { return laps_; }

 private:
  double last_;
  std::vector<std::pair<std::string, double>> laps_;
};

/// Decodes, detects, aligns and parses. Make once, use for every photo.
class FaceReader {
 public:
  static constexpr int kSize = 256;

  /// Loads the models of roles detector, mesh, iris and parser. Throws Failure: model_missing, model_corrupt, and
  /// internal where the decoder is missing. `for_inversion`: faces get their picture in the generator's frame too.
  FaceReader(const Bundle& bundle, const Device& device, FacePolicy policy, bool for_inversion = false,
             const DecoderOptions& decoder = {});

  /// The faces that the policy means, at least one. Fills `input` as far as it gets, also when it fails; appends what
  /// the decoder has to say to `warnings`. Throws Failure with an item code, model_corrupt or device_failed.
  std::vector<FoundFace> find(std::span<const uint8_t> bytes, InputFacts& input, std::vector<std::string>& warnings,
                              Stopwatch& watch) const;
  /// A found face's crops and parts: megabytes, so that they are made when their turn comes. Throws as `find`.
  AlignedFace align(const FoundFace& found, Stopwatch& watch) const;

  /// Roles whose models take part.
  static std::vector<std::string> roles() { return {"detector", "mesh", "iris", "parser"}; }

 private:
  std::unique_ptr<PhotoDecoder> decoder_;  // first: its process starts while the models load
  std::unique_ptr<FaceDetector> detector_;
  std::unique_ptr<FaceParser> parser_;
  void frame_for_generator(const cv::Mat& photo, AlignedFace& face) const;

  FacePolicy policy_;
  FrameSpec frame_;
  std::optional<FrameSpec> generator_frame_;
};

/// Takes out what is smaller than kSmallestFace, and says how many that were. Throws Failure no_face, with the size of
/// the largest, where that leaves none of several.
size_t leave_out_small_faces(std::vector<Face>& faces, const std::string& name);

/// Indices of the faces that a policy means; `faces` is in detector order. Throws Failure no_face, several_faces.
std::vector<size_t> select_faces(const std::vector<Face>& faces, FacePolicy policy, cv::Size photo,
                                 const std::string& name);

}  // namespace swiftavatar
