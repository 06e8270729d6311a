#pragma once
// A photo's way from bytes to avatars and pictures: the photo gives its faces, and each face goes on by itself. Nothing
// here touches the file system.

#include <atomic>
#include <cstdint>
#include <functional>
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
#include "estimate/result_json.h"
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

/// What came of one photo: faces, or an item error. With an error, `faces` are those that had got far enough to have
/// pictures.
struct PhotoOutcome {
  InputFacts input;
  std::vector<FaceOutcome> faces;
  std::optional<Error> error;
};

/// A face on its way. It owns what it needs: photos, and other faces, may be let go before it.
struct FaceWork {
  /// What the faces of a photo share.
  struct Photo {
    std::string path;
    std::vector<std::string> warnings;
    std::vector<std::pair<std::string, double>> timing_ms;  ///< of what was done once for all of them
    std::atomic<bool> failed = false;                       ///< one of them has an error: the others need not go on
  };

  std::shared_ptr<Photo> photo;
  FoundFace found;      ///< until it is aligned
  AlignedFace aligned;  ///< from then on until it is drawn
  FaceOutcome outcome;
  std::optional<Error> error;  ///< with it, the face's way ends
};

/// A photo that was read.
struct PhotoWork {
  InputFacts input;
  std::vector<FaceWork> faces;  ///< at least one, unless there is an error
  std::optional<Error> error;
};

/// All models of an estimation. Make once, use for every photo, from several threads.
class Pipeline {
 public:
  /// Loads and verifies every model that the options need. Throws Failure: model_missing, model_corrupt, device_failed,
  /// out_of_memory.
  /// `native` writes the engine's own form into the results; null: it has none.
  Pipeline(const Bundle& bundle, Engine engine, Semantics semantics, const Device& device, PipelineOptions options,
           std::shared_ptr<const NativeFormat> native = nullptr);

  /// The stages, in their order. Item errors are data; a stage does nothing with a face when it, or another of its
  /// photo, has one. They throw Failure for errors that every further photo would meet too.
  PhotoWork read(std::span<const uint8_t> bytes, const std::string& path) const;  ///< decodes, detects
  bool align(FaceWork& face) const;  ///< makes its crops and parts; false: it goes no further
  /// Inverts and estimates these faces together; each gets what it gets alone, within rounding. Where they fail
  /// together, for want of memory or for one that is bad, they go in halves.
  void estimate(const std::vector<FaceWork*>& faces) const;
  /// Makes the pictures, lets go of the crops and gives the outcome to `keep`, which may write the pictures and let go
  /// of them: a Failure of its is the face's error, or the run's.
  void draw(FaceWork& face, const std::function<void(FaceOutcome&)>& keep = {}) const;

  /// What came of a photo whose faces are through.
  static PhotoOutcome outcome(PhotoWork photo, std::vector<FaceWork> faces);

  /// All stages of one photo.
  PhotoOutcome process(std::span<const uint8_t> bytes, const std::string& path) const;

  /// Role -> sha256 (by the manifest) of the models that take part. Throws Failure model_missing.
  static std::map<std::string, std::string> model_files(const Bundle& bundle, const std::string& engine,
                                                        const PipelineOptions& options);

  static constexpr int kPictureSize = 512;   ///< side of the avatar preview
  static constexpr int kPanelSize = 256;     ///< side of the sheet's panels
  static constexpr double kLargestYaw = 20;  ///< degrees; beyond it measures say more about the pose than the face

 private:
  std::vector<Result<Inversion>> invert(const std::vector<FaceWork*>& faces) const;
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
