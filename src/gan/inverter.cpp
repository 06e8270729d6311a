#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <torch/optim.h>

#include "gan/latent.h"
#include "swiftavatar/gan.h"

namespace swiftavatar {

namespace {

using nlohmann::json;

/// How codes are optimised: the manifest's real_generator.inversion; defaults for one that does not say.
struct Settings {
  double learning_rate = 0.03;
  double pixel = 2.0;       ///< weight of the mean absolute difference of RGB in -1..1
  double perceptual = 1.0;  ///< of the perceptual distance
  double parts = 0.5;       ///< of the cross-entropy of the generator's mask against the parser's probabilities
  double mean = 0.003;      ///< of the mean squared distance to the mean code
  double mask_scale = 5.0;  ///< the generator's mask times this are logits

  static Settings read(const TorchModule& generator) {
    Settings settings;
    const json given = generator.entry().spec.value("inversion", json::object());
    try {
      settings.learning_rate = given.value("lr", settings.learning_rate);
      settings.mask_scale = given.value("mask_scale", settings.mask_scale);
      const json weights = given.value("weights", json::object());
      settings.pixel = weights.value("pixel", settings.pixel);
      settings.perceptual = weights.value("perceptual", settings.perceptual);
      settings.parts = weights.value("parts", settings.parts);
      settings.mean = weights.value("mean", settings.mean);
    } catch (const json::exception&) {
      generator.refuse("the manifest's \"inversion\" {lr, mask_scale, weights} is malformed");
    }
    return settings;
  }
};

constexpr int64_t kPerceptualSize = 64;  // pixels: a quarter of the cost of 128, and the codes decide coarse things
constexpr int kPerceptualEvery = 2;      // steps

/// The photo as the networks take it; made once for all steps.
struct Target {
  torch::Tensor rgb;       ///< [1,3,S,S] in -1..1
  torch::Tensor parts;     ///< [1,parts,S,S], probabilities
  torch::Tensor features;  ///< [1,F] of the perceptual network; undefined while it is not needed
};

struct Picture {
  torch::Tensor rgb, mask;
};

class TorchInverter : public Inverter {
 public:
  TorchInverter(const Bundle& bundle, const Device& device)
      : generator_(bundle, "real_generator", device),
        perceptual_(bundle, "perceptual", device),
        latent_(Latent::read(bundle, generator_)),
        settings_(Settings::read(generator_)),
        size_(generator_.output_size()) {
    if (bundle.has("inverter")) encoder_.emplace(bundle, "inverter", device);
  }

  Inversion invert(const cv::Mat& aligned, const std::vector<cv::Mat>& parts,
                   const InversionOptions& options) const override {
    if (options.method != "encoder" && options.method != "optimize") {
      throw Failure(ErrorCode::usage, "--inversion " + options.method + ": choose none, encoder or optimize.");
    }
    if (options.method == "encoder" && !encoder_) {
      throw Failure(ErrorCode::model_missing, "The bundle's generator " + generator_.entry().path.string() +
                                                  " has no encoder (role inverter); take --inversion optimize.");
    }
    Target target = make_target(aligned, parts);
    const torch::Tensor start = encoder_ ? encode(target) : latent_.mean;
    const int steps = options.method == "optimize" ? std::max(options.steps, 0) : 0;
    const torch::Tensor codes = steps > 0 ? optimize(start, target, steps) : start;

    const torch::NoGradGuard no_gradients;
    const Picture picture = render(codes);
    Inversion inversion{.codes = from_torch(codes), .image = to_image(from_torch(picture.rgb)), .method = options.method,
                        .steps = steps, .loss = pixel_difference(picture, target).item<double>() / 2};
    if (!std::isfinite(inversion.loss)) {
      throw Failure(ErrorCode::non_finite, "The inversion gives values that are not numbers for this face.");
    }
    return inversion;
  }

 private:
  Target make_target(const cv::Mat& aligned, const std::vector<cv::Mat>& parts) const {
    return {.rgb = image_tensor(resize_square(aligned, size_), -1, 1, generator_.device()),
            .parts = parts_tensor(parts, size_, generator_.device()),
            .features = {}};
  }

  torch::Tensor encode(const Target& target) const {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor codes = encoder_->run({target.rgb, target.parts}, 1)[0];
    if (codes.sizes() != latent_.mean.sizes()) encoder_->refuse("does not give the codes that real_generator takes");
    return codes;
  }

  Picture render(const torch::Tensor& codes) const {
    const auto outputs = generator_.run({codes, torch::empty({0}, codes.options())}, 3);
    return {outputs[0], outputs[1]};
  }

  /// Adam on the codes; the best codes seen, `start` included.
  torch::Tensor optimize(const torch::Tensor& start, Target& target, int steps) const {
    {
      const torch::NoGradGuard no_gradients;
      target.features = features(target.rgb);
    }
    torch::Tensor codes = start.clone().requires_grad_(true), best = start;
    double best_loss = std::numeric_limits<double>::infinity();
    torch::optim::Adam adam({codes}, torch::optim::AdamOptions(settings_.learning_rate).betas({0.9, 0.99}));

    for (int step = 0; step <= steps; ++step) {
      // The perceptual term costs as much as all else: it joins every second step, with twice its weight.
      const bool whole = step % kPerceptualEvery == 0 || step == steps;
      const torch::AutoGradMode gradients(step < steps);
      const Picture picture = render(codes);
      torch::Tensor loss = settings_.pixel * pixel_difference(picture, target) +
                           settings_.parts * part_difference(picture, target) +
                           settings_.mean * (codes - latent_.mean).square().mean();
      if (whole) {
        const torch::Tensor distance = settings_.perceptual * perceptual_difference(picture, target);
        const double total = (loss + distance).item<double>();
        if (total < best_loss) {
          best_loss = total;
          best = codes.detach().clone();
        }
        loss = loss + kPerceptualEvery * distance;
      }
      if (step == steps) break;
      // The rate falls to a tenth, so that the last steps settle.
      const double rate = settings_.learning_rate * (1 - 0.9 * step / steps);
      static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options()).lr(rate);
      adam.zero_grad();
      loss.backward();
      adam.step();
    }
    return best;
  }

  static torch::Tensor pixel_difference(const Picture& picture, const Target& target) {
    return (picture.rgb - target.rgb).abs().mean();
  }

  torch::Tensor part_difference(const Picture& picture, const Target& target) const {
    if (picture.mask.size(1) != target.parts.size(1)) return torch::zeros({}, picture.mask.options());  // parts of its own
    return -(target.parts * (settings_.mask_scale * picture.mask).log_softmax(1)).sum(1).mean();
  }

  torch::Tensor perceptual_difference(const Picture& picture, const Target& target) const {
    return (features(picture.rgb) - target.features).square().sum();
  }

  torch::Tensor features(const torch::Tensor& rgb) const {
    const int64_t size = std::min<int64_t>(kPerceptualSize, size_);
    return perceptual_.run({torch::adaptive_avg_pool2d(rgb, {size, size})}, 1)[0];
  }

  TorchModule generator_, perceptual_;
  std::optional<TorchModule> encoder_;  // without one, inversion starts at the mean code
  Latent latent_;
  Settings settings_;
  int size_;
};

}  // namespace

std::unique_ptr<Inverter> load_inverter(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchInverter>(bundle, device);
}

}  // namespace swiftavatar
