#pragma once
// Generators and GAN inversion (SwiftAvatar section 3; SemanticStyleGAN).

#include <memory>
#include <string>

#include <opencv2/core.hpp>

#include "swiftavatar/model.h"
#include "swiftavatar/names.h"

namespace swiftavatar {

/// What a generator makes of codes. Arrays as the network gives them.
struct Generated {
  Tensor rgb;     ///< [N,3,H,W], roughly -1..1
  Tensor mask;    ///< [N,parts,H,W], roughly -1..1 (argmax = part)
  Tensor coarse;  ///< [N,parts,h,w], -1..1
};

/// Where codes of a generator lie; `automatic`: what their shape says.
enum class CodeSpace { automatic, z, w, w_plus, expanded };
inline constexpr Names<CodeSpace, 5> kCodeSpaces{{{CodeSpace::automatic, "auto"},
                                                  {CodeSpace::z, "z"},
                                                  {CodeSpace::w, "w"},
                                                  {CodeSpace::w_plus, "w+"},
                                                  {CodeSpace::expanded, "expanded"}}};

class Generator {
 public:
  virtual ~Generator() = default;
  /// `codes`: [N,D] (z or w), [N,K,D] (W+) or expanded. Throws Failure: usage,
  /// model_corrupt, non_finite, out_of_memory, device_failed.
  virtual Generated generate(const Tensor& codes, CodeSpace space, const Tensor* composition = nullptr) const = 0;
  /// Places of the network's graph where a fused operator replaces plain ones: on a GPU, and none on the CPU, whose
  /// convolutions are faster plain.
  virtual int fused() const = 0;
};

/// How a photo becomes codes: not at all, by the encoder alone, or by the encoder and then Adam.
enum class InversionMethod { none, encoder, optimize };
inline constexpr Names<InversionMethod, 3> kInversionMethods{
    {{InversionMethod::none, "none"}, {InversionMethod::encoder, "encoder"}, {InversionMethod::optimize, "optimize"}}};

/// Settings of `optimize`: the bundle's own, or those published with SemanticStyleGAN.
enum class InversionRecipe { own, official };
inline constexpr Names<InversionRecipe, 2> kInversionRecipes{
    {{InversionRecipe::own, "default"}, {InversionRecipe::official, "official"}}};

struct InversionOptions {
  InversionMethod method = InversionMethod::optimize;
  int steps = 30;
  InversionRecipe recipe = InversionRecipe::own;
  bool cuda_graphs = false;  ///< optimize records its steps as CUDA graphs: fewer launches, the same numbers; GPU only
  bool published_way = false;  ///< for comparison: computed as the published code does it, see load_published_generator
};

/// What is inverted.
struct InversionInput {
  cv::Mat aligned;             ///< CV_8UC3 RGB square
  std::vector<cv::Mat> parts;  ///< what FaceParser::parse gave for it
};

struct Inversion {
  Tensor codes;   ///< [1,K,D]
  cv::Mat image;  ///< CV_8UC3 RGB, the generator's picture of the codes
  InversionMethod method = InversionMethod::optimize;
  int steps = 0;
  double loss = 0;  ///< mean absolute pixel difference, 0..1
};

/// Photo to codes of the realistic generator (roles inverter, real_generator, perceptual).
class Inverter {
 public:
  virtual ~Inverter() = default;
  /// Faces are independent: each gets the codes that it gets alone, within rounding, or its error non_finite.
  /// Throws Failure: usage, model_missing, model_corrupt, out_of_memory, device_failed.
  virtual std::vector<Result<Inversion>> invert_batch(const std::vector<InversionInput>& faces,
                                                      const InversionOptions& options) const = 0;
  /// Of its networks together; see Generator::fused.
  virtual int fused() const = 0;
  /// Of one face; throws its Failure.
  Inversion invert(const InversionInput& face, const InversionOptions& options) const {
    return invert_batch({face}, options).front().value();
  }
};

std::unique_ptr<Generator> load_generator(const Bundle& bundle, const std::string& role, const Device& device);
/// The real_generator of an imported bundle, for comparison: the same pictures of W+ and expanded codes, at the cost of
/// the published code. Throws Failure usage where the bundle's generator cannot compute itself that way.
std::unique_ptr<Generator> load_published_generator(const Bundle& bundle, const Device& device);
std::unique_ptr<Inverter> load_inverter(const Bundle& bundle, const Device& device);

/// [1,3,H,W] in -1..1 to CV_8UC3 RGB (clamped).
cv::Mat to_image(const Tensor& rgb, int index = 0);

}  // namespace swiftavatar
