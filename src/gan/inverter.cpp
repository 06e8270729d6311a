#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include <torch/autograd.h>
#include <torch/optim.h>

#include "gan/latent.h"
#include "gan/networks.h"
#include "gan/published_way.h"
#include "gan/recipe.h"
#include "gan/recorded_work.h"

namespace swiftavatar {

namespace {

/// The photos as the networks take them; made once for all steps.
struct Target {
  torch::Tensor rgb;    ///< [N,3,S,S] in -1..1
  torch::Tensor parts;  ///< [N,parts,S,S], probabilities
  torch::Tensor
      shares;  ///< [N,parts,S*S]: a part's pixels sum to 1 over the number of parts; none of parts hardly there
  torch::Tensor features;  ///< [N,F] of the perceptual network; undefined while it is not needed
};

struct Picture {
  torch::Tensor rgb, mask;
};

struct Losses {
  torch::Tensor descent;  ///< [N], what the gradient lowers
  torch::Tensor total;    ///< [N], what tells the best codes; of whole steps alone
};

using Render = std::function<Picture(const torch::Tensor& codes)>;

class TorchInverter : public Inverter {
 public:
  TorchInverter(const Bundle& bundle, const Device& device)
      : generator_(bundle, "real_generator", device),
        perceptual_(bundle, "perceptual", device),
        latent_(Latent::read(bundle, generator_)),
        own_(Recipe::own(generator_.entry())),
        size_(generator_.output_size()) {
    if (bundle.has("inverter")) encoder_.emplace(bundle, "inverter", device, Use::forward_only);
  }

  std::vector<Result<Inversion>> invert_batch(const std::vector<InversionInput>& faces,
                                              const InversionOptions& options) const override {
    if (options.method == InversionMethod::none) {
      throw Failure(ErrorCode::usage, "--inversion none: choose encoder or optimize where a face is inverted.");
    }
    if (options.method == InversionMethod::encoder && !encoder_) {
      throw Failure(ErrorCode::model_missing, "The bundle's generator " + generator_.entry().path.string() +
                                                  " has no encoder (role inverter); take --inversion optimize.");
    }
    if (options.cuda_graphs && !generator_.device().is_cuda()) {
      throw Failure(ErrorCode::usage,
                    "--cuda-graphs records the work of a GPU, and the models run on the CPU; leave it out.");
    }
    if (faces.empty()) return {};
    return generator_.guarded([&] { return inversions(faces, options); });
  }

  int fused() const override {
    return generator_.fused().total() + perceptual_.fused().total() + (encoder_ ? encoder_->fused().total() : 0);
  }

 private:
  std::vector<Result<Inversion>> inversions(const std::vector<InversionInput>& faces,
                                            const InversionOptions& options) const {
    std::vector<Result<Inversion>> results;
    Target target = make_target(faces);
    const Recipe recipe = options.recipe == InversionRecipe::official ? Recipe::official() : own_;
    const int steps = options.method == InversionMethod::optimize ? std::max(options.steps, 0) : 0;
    const bool encode_first = encoder_ && (recipe.from_encoder || options.method == InversionMethod::encoder);
    const auto count = static_cast<int64_t>(faces.size());
    torch::Tensor codes = encode_first ? encode(target) : latent_.mean.expand({count, -1, -1}).clone();
    std::optional<PublishedWay> published;
    if (options.published_way) published.emplace(generator_);
    const Render render = [&](const torch::Tensor& some) {
      const auto outputs =
          published ? published->run(generator_, some) : generator_.run({some, torch::empty({0}, some.options())}, 3);
      if (outputs[0].sizes().slice(1) != target.rgb.sizes().slice(1) || outputs[0].size(0) != some.size(0)) {
        generator_.refuse("does not give pictures of the size that the manifest promises");
      }
      return Picture{outputs[0], outputs[1]};
    };
    if (steps > 0) codes = optimize(codes, target, recipe, steps, render, options);

    const torch::NoGradGuard no_gradients;
    const Picture picture = render(codes);
    const torch::Tensor loss = (mean_of_each((picture.rgb - target.rgb).abs()) / 2).to(torch::kCPU, torch::kDouble);
    const Tensor rgb = from_torch(picture.rgb);
    for (int64_t i = 0; i < count; ++i) {
      const torch::Tensor own = codes.slice(0, i, i + 1);
      const double own_loss = loss[i].item<double>();
      if (!std::isfinite(own_loss) || !torch::isfinite(own).all().item<bool>()) {
        results.push_back(Error{ErrorCode::non_finite,
                                "The inversion diverged (values that are not numbers); try --inversion encoder."});
        continue;
      }
      results.push_back(Inversion{.codes = from_torch(own),
                                  .image = to_image(rgb, static_cast<int>(i)),
                                  .method = options.method,
                                  .steps = steps,
                                  .loss = own_loss});
    }
    return results;
  }

  Target make_target(const std::vector<InversionInput>& faces) const {
    std::vector<cv::Mat> pictures;
    std::vector<std::vector<cv::Mat>> parts;
    for (const InversionInput& face : faces) {
      pictures.push_back(resize_square(face.aligned, size_));
      parts.push_back(face.parts);
    }
    return {.rgb = image_tensor(pictures, -1, 1, generator_.device()).contiguous(),
            .parts = parts_tensor(parts, size_, generator_.device()),
            .shares = {},
            .features = {}};
  }

  torch::Tensor encode(const Target& target) const {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor codes = encoder_->run({target.rgb, target.parts}, 1)[0];
    if (codes.sizes().slice(1) != latent_.mean.sizes().slice(1)) {
      encoder_->refuse("does not give the codes that real_generator takes");
    }
    return codes;
  }

  /// Adam on the codes [N,K,D]; every face has moments of its own, so the batch changes nothing.
  torch::Tensor optimize(const torch::Tensor& start, Target& target, const Recipe& recipe, int steps,
                         const Render& render, const InversionOptions& options) const {
    {
      const torch::NoGradGuard no_gradients;
      target.features = features(target.rgb, recipe);
      target.shares = shares(target.parts);
    }
    torch::Tensor codes = start.clone().requires_grad_(true), best = start;
    torch::Tensor best_loss = torch::full({start.size(0)}, std::numeric_limits<double>::infinity(), start.options());
    torch::optim::Adam adam({codes}, torch::optim::AdamOptions(recipe.learning_rate).betas({0.9, recipe.second_beta}));
    const auto look = [&](bool whole) { return losses(codes, render(codes), target, recipe, whole); };
    const auto descent = [&](bool whole) {
      const Losses found = look(whole);
      return std::vector<torch::Tensor>{torch::autograd::grad({found.descent.sum()}, {codes})[0], found.total};
    };
    RecordedWork whole_descent([&] { return descent(true); }, options.cuda_graphs);
    RecordedWork plain_descent([&] { return descent(false); }, options.cuda_graphs);

    const int last = recipe.best ? steps : steps - 1;  // one more look tells whether the last step was the best
    for (int step = 0; step <= last; ++step) {
      const bool whole = step % recipe.perceptual_every == 0 || step == last;
      torch::Tensor gradient, total;
      if (step == steps) {
        const torch::NoGradGuard no_gradients;
        total = look(true).total;
      } else {
        // In place: what is recorded reads them where they lie.
        if (options.published_way && whole && step > 0) target.features.copy_(features(target.rgb, recipe).detach());
        const std::vector<torch::Tensor> found = (whole ? whole_descent : plain_descent).run();
        gradient = found[0];
        total = found[1];
      }
      if (whole) {
        const torch::Tensor better = total < best_loss;
        best = torch::where(better.view({-1, 1, 1}), codes.detach(), best);
        best_loss = torch::where(better, total, best_loss);
      }
      if (step == steps) break;
      static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options()).lr(recipe.rate(step, steps));
      codes.mutable_grad() = gradient;
      adam.step();
    }
    return recipe.best ? best : codes.detach();
  }

  Losses losses(const torch::Tensor& codes, const Picture& picture, const Target& target, const Recipe& recipe,
                bool whole) const {
    const torch::Tensor plain = plain_loss(codes, picture, target, recipe);
    if (!whole) return {plain, {}};
    const torch::Tensor distance =
        recipe.perceptual * (features(picture.rgb, recipe) - target.features).square().sum(1);
    return {plain + recipe.perceptual_every * distance, (plain + distance).detach()};
  }

  static torch::Tensor shares(const torch::Tensor& parts) {
    constexpr double kHardlyThere = 0.002;  // of the picture
    const torch::Tensor flat = parts.flatten(2), area = flat.sum(2, true);
    const torch::Tensor there = (area > kHardlyThere * static_cast<double>(flat.size(2))).to(torch::kFloat32);
    return flat * (there / area.clamp_min(1) / there.sum(1, true).clamp_min(1));
  }

  /// All terms but the perceptual one, [N].
  torch::Tensor plain_loss(const torch::Tensor& codes, const Picture& picture, const Target& target,
                           const Recipe& recipe) const {
    const torch::Tensor difference = picture.rgb - target.rgb;
    torch::Tensor loss = recipe.mean * mean_of_each((codes - latent_.mean).square());
    if (recipe.pixel != 0) loss = loss + recipe.pixel * mean_of_each(difference.abs());
    if (recipe.square != 0) loss = loss + recipe.square * mean_of_each(difference.square());
    if (recipe.chroma != 0) loss = loss + recipe.chroma * mean_of_each(chroma(difference).abs());
    // Without it small parts, of which few pixels tell, get colours that no face has.
    if (recipe.color != 0) {
      loss =
          loss + recipe.color * torch::bmm(target.shares, difference.flatten(2).transpose(1, 2)).abs().mean(2).sum(1);
    }
    if (recipe.parts != 0 && picture.mask.size(1) == target.parts.size(1)) {  // else the generator has parts of its own
      const torch::Tensor log_shares = (recipe.mask_scale * picture.mask).log_softmax(1);
      loss = loss - recipe.parts * mean_of_each((target.parts * log_shares).sum(1));
    }
    return loss;
  }

  /// RGB [N,3,S,S] less its luma (BT.601), at 32 px.
  static torch::Tensor chroma(const torch::Tensor& rgb) {
    const torch::Tensor small = torch::adaptive_avg_pool2d(rgb, {32, 32});
    const torch::Tensor luma = 0.299 * small.select(1, 0) + 0.587 * small.select(1, 1) + 0.114 * small.select(1, 2);
    return small - luma.unsqueeze(1);
  }

  static torch::Tensor mean_of_each(const torch::Tensor& values) { return values.flatten(1).mean(1); }

  torch::Tensor features(const torch::Tensor& rgb, const Recipe& recipe) const {
    const int64_t size = std::min<int64_t>(recipe.perceptual_size, size_);
    return perceptual_.run({torch::adaptive_avg_pool2d(rgb, {size, size})}, 1)[0];
  }

  TorchModule generator_, perceptual_;
  std::optional<TorchModule> encoder_;  // without one, inversion starts at the mean code
  Latent latent_;
  Recipe own_;
  int size_;
};

}  // namespace

std::unique_ptr<Inverter> swiftavatar_load_inverter(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchInverter>(bundle, device);
}

}  // namespace swiftavatar
