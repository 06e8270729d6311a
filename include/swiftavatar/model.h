#pragma once
// Bundles of models, and the interfaces by which the rest of the program reaches them. No TorchScript type leaves the
// model layer: today's files are TorchScript, tomorrow's need not be.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "swiftavatar/face.h"
#include "swiftavatar/names.h"
#include "swiftavatar/result.h"
#include "swiftavatar/tensor.h"

namespace swiftavatar {

/// The 13 parts, in the order of the planes that FaceParser gives.
inline constexpr int kParts = 13;
enum class Part { background, skin, eye, brow, mouth, nose, ear, hair, neck, cloth, glasses, hat, earring };

/// Where models run. `resolve_device` turns "auto", "cpu", "cuda" or "cuda:n" into one, or fails with no_device.
struct Device {
  std::string name = "cpu";  ///< "cpu" or "cuda:n"
  bool fell_back = false;    ///< true when "auto" found no usable GPU
};
Result<Device> resolve_device(const std::string& wanted);

/// LibTorch's version, e.g. "2.11.0". This and all that runs networks lies in libswiftavatar-networks.so, which is
/// loaded when first needed: each such function throws Failure internal where that library or LibTorch is missing.
std::string torch_version();

/// The most threads on the CPU that one call of a network uses, by threads that have called none yet, and that one
/// FaceDetector::detect uses, whose many small windows are seen several at once. Fewer where OMP_NUM_THREADS says so.
void limit_threads(int per_call, int per_search);

/// Whether networks loaded on a GPU may round factors to TF32; without a network loaded there, whether LibTorch would.
bool uses_tf32();

/// One file of a bundle.
struct ModelEntry {
  std::string role;  ///< e.g. "parser", "real_generator", "estimator:tiktok"
  std::filesystem::path path;
  std::string sha256;
  std::string licence;
  nlohmann::json spec;  ///< the entry as the manifest has it: inputs, outputs, crop, heads ...
};

/// A bundle: manifest.json and its files. Roles missing here come from the bundle that `extends` names, but for those
/// listed under `without`.
class Bundle {
 public:
  /// Reads `dir`/manifest.json and checks its shape; files are not opened. Errors: model_missing, model_corrupt.
  static Result<Bundle> open(const std::filesystem::path& dir);

  const std::string& name() const { return name_; }
  const std::filesystem::path& dir() const { return dir_; }
  const nlohmann::json& manifest() const { return manifest_; }
  bool has(const std::string& role) const { return entries_.count(role) != 0; }
  /// The entry of a role, or model_missing.
  Result<ModelEntry> entry(const std::string& role) const;
  const std::map<std::string, ModelEntry>& entries() const { return entries_; }
  /// Reads the file and checks its SHA-256: the bytes that are hashed are the bytes that are loaded.
  /// Errors: model_missing, model_corrupt.
  static Result<std::vector<uint8_t>> read_verified(const ModelEntry& entry);

 private:
  std::string name_;
  std::filesystem::path dir_;
  nlohmann::json manifest_;
  std::map<std::string, ModelEntry> entries_;
};

/// Part probabilities of an aligned crop.
class FaceParser {
 public:
  virtual ~FaceParser() = default;
  /// `aligned`: CV_8UC3 RGB, any square size. Returns kParts planes, CV_32F in 0..1, of `size` x `size` (the net's own
  /// size). Throws Failure: model_corrupt, non_finite, out_of_memory, device_failed.
  virtual std::vector<cv::Mat> parse(const cv::Mat& aligned) const = 0;
};

/// What a head tells: an attribute of the person, the variant of an engine's component (`discrete`), the drawn style
/// that engines share by name, an engine's slider, or a measure of the face.
enum class HeadKind { attribute, discrete, style, slider, measure };
inline constexpr Names<HeadKind, 5> kHeadKinds{{{HeadKind::attribute, "attribute"},
                                                {HeadKind::discrete, "discrete"},
                                                {HeadKind::style, "style"},
                                                {HeadKind::slider, "slider"},
                                                {HeadKind::measure, "measure"}}};

/// One head's answer, calibrated: log-probabilities for attributes, variants and styles, a share of the range (0..1)
/// for a slider, the measure itself for a measure.
struct HeadOutput {
  HeadKind kind = HeadKind::attribute;
  std::string name;
  std::vector<std::string> options;  ///< attribute values or variant names; empty for numbers
  std::vector<float> values;         ///< one per option, or one number
};

/// What the Avatar Estimator may look at; a bundle's manifest says which of them its network reads.
struct EstimatorInput {
  cv::Mat image;                  ///< aligned photo, CV_8UC3 RGB, any square size
  std::vector<cv::Mat> parts;     ///< of it, as FaceParser gives them
  std::vector<cv::Point2f> mesh;  ///< kMeshPoints points in shares (0..1) of the crop's side
};

/// The Avatar Estimator: aligned faces in, every head out.
class Estimator {
 public:
  virtual ~Estimator() = default;
  /// One answer for each face, independent of the rest of the batch: its heads, or non_finite. Throws Failure:
  /// model_corrupt, out_of_memory, device_failed.
  virtual std::vector<Result<std::vector<HeadOutput>>> estimate_batch(
      const std::vector<EstimatorInput>& faces) const = 0;
  /// The network alone on the inputs that these faces give, made once: what `bench` times. Must not outlive the
  /// estimator.
  virtual std::function<void()> network(const std::vector<EstimatorInput>& faces) const = 0;
  /// See Generator::fused.
  virtual int fused() const = 0;
  /// Of one face; throws its Failure.
  std::vector<HeadOutput> estimate(const EstimatorInput& face) const { return estimate_batch({face}).front().value(); }
};

std::unique_ptr<FaceDetector> load_detector(const Bundle& bundle,
                                            const Device& device);  ///< roles detector, mesh, iris
std::unique_ptr<FaceParser> load_parser(const Bundle& bundle, const Device& device);
std::unique_ptr<Estimator> load_estimator(const Bundle& bundle, const std::string& engine, const Device& device);

}  // namespace swiftavatar
