#pragma once
// A photo's way from bytes to avatars and pictures, in three stages. Nothing here touches the file system.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "avatar/external_renderer.h"
#include "estimate/face_reader.h"
#include "estimate/result.h"
#include "swiftavatar/estimate.h"
#include "swiftavatar/gan.h"
#include "swiftavatar/native.h"

namespace swiftavatar {

struct PipelineOptions {
  InversionOptions inversion;
  FacePolicy face = FacePolicy::largest;
  std::set<std::string> previews = {"avatar", "face", "domain", "sheet"};
  std::shared_ptr<const ExternalRenderer> renderer;  ///< draws the avatar; null: the engine's definition does
  DecoderOptions decoder;
  std::chrono::milliseconds draw_time = kDrawTime;  ///< for one avatar, without the renderer
};

/// One face's answer and its pictures (PNG bytes by preview name).
struct FaceOutcome {
  FaceFacts facts;
  std::map<std::string, std::vector<uint8_t>> pictures;
};

/// What came of one photo: faces, or an item error.
struct PhotoOutcome {
  InputFacts input;
  std::vector<FaceOutcome> faces;
  std::optional<Error> error;
};

/// A photo on its way: what the stages have made of it so far.
struct PhotoWork {
  std::string path;                  ///< stands in the result and in messages
  PhotoOutcome outcome;              ///< with its error, the photo's way ends
  std::vector<AlignedFace> aligned;  ///< of the faces of the outcome, until they are drawn
  std::vector<std::string> warnings;
  Stopwatch watch;
};

/// All models of an estimation. Make once, use for every photo, from several threads.
class Pipeline {
 public:
  /// Loads and verifies every model that the options need. Throws Failure: model_missing, model_corrupt.
  /// `native` writes the engine's own form into the results; null: it has none.
  Pipeline(const Bundle& bundle, Engine engine, Semantics semantics, const Device& device, PipelineOptions options,
           std::shared_ptr<const NativeFormat> native = nullptr);

  /// The stages, in their order. Item errors are data in the outcome; a stage does nothing with a photo that has one.
  /// They throw Failure for errors that every further photo would meet too.
  PhotoWork read(std::span<const uint8_t> bytes, const std::string& path) const;  ///< decodes, detects, aligns, parses
  /// Inverts and estimates the faces of all these photos together; each gets what it gets alone, within rounding. Where
  /// the memory does not do, they go in halves.
  void estimate(const std::vector<PhotoWork*>& photos) const;
  void draw(PhotoWork& photo) const;  ///< makes the pictures and lets go of the crops

  /// All stages of one photo.
  PhotoOutcome process(std::span<const uint8_t> bytes, const std::string& path) const;

  /// Role -> sha256 (by the manifest) of the models that take part. Throws Failure model_missing.
  static std::map<std::string, std::string> model_files(const Bundle& bundle, const std::string& engine,
                                                        const PipelineOptions& options);

  static constexpr int kPictureSize = 512;   ///< side of the avatar preview
  static constexpr int kPanelSize = 256;     ///< side of the sheet's panels
  static constexpr double kLargestYaw = 20;  ///< degrees; beyond it measures say more about the pose than the face

 private:
  struct FaceWork {
    PhotoWork* photo;
    const AlignedFace* aligned;
    FaceOutcome* outcome;
  };
  void estimate_faces(const std::vector<FaceWork>& faces) const;
  std::vector<Result<Inversion>> invert(const std::vector<FaceWork>& faces) const;
  void choose(const AlignedFace& aligned, std::vector<HeadOutput> heads, FaceFacts& facts) const;
  void draw_face(const AlignedFace& aligned, FaceOutcome& outcome) const;

  Engine engine_;
  Semantics semantics_;
  std::shared_ptr<const NativeFormat> native_;
  PipelineOptions options_;
  FaceReader reader_;
  std::unique_ptr<Estimator> estimator_;
  bool own_estimator_ = true;                    // it was trained for this engine
  std::unique_ptr<Inverter> inverter_;           // null with inversion none
  std::unique_ptr<Generator> avatar_generator_;  // null where the bundle has none for the engine
  std::optional<GpuFacts> gpu_;
  MeasureScales scales_;
};

/// Role of the estimator that serves an engine: its own, else the one with the most heads, for attributes and measures
/// serve every engine, and so do sliders of the same name. Throws Failure model_missing.
std::string estimator_role(const Bundle& bundle, const std::string& engine);

}  // namespace swiftavatar
