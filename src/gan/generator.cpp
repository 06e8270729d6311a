#include <algorithm>
#include <optional>

#include <opencv2/core.hpp>

#include "gan/latent.h"
#include "gan/networks.h"
#include "gan/published_way.h"

namespace swiftavatar {

namespace {

constexpr int64_t kBatch = 8;  // codes in one pass: bounds the memory for the part features

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape) text += (text.size() > 1 ? "," : "") + std::to_string(size);
  return text + "]";
}

class TorchGenerator : public Generator {
 public:
  TorchGenerator(const Bundle& bundle, const std::string& role, const Device& device, bool published_way = false)
      : module_(bundle, role, device), latent_(Latent::read(bundle, module_)) {
    if (published_way) published_.emplace(module_);
  }

  Generated generate(const Tensor& codes, CodeSpace space, const Tensor* composition) const override {
    return module_.guarded([&] { return pictures(codes, space, composition); });
  }

  int fused() const override { return module_.fused().total(); }

 private:
  Generated pictures(const Tensor& codes, CodeSpace space, const Tensor* composition) const {
    const torch::InferenceMode no_gradients;
    const CodeSpace known = resolve_space(codes.shape, space);
    const torch::Tensor given = to_torch(codes, module_.device());
    const torch::Tensor parts =
        composition != nullptr ? read_composition(*composition, given.size(0)) : torch::Tensor();

    std::vector<torch::Tensor> rgb, mask, coarse;
    int64_t most = kBatch;
    for (int64_t first = 0; first < given.size(0);) {
      const int64_t count = std::min(most, given.size(0) - first);
      std::vector<torch::Tensor> outputs;
      try {
        outputs =
            run_some(given.narrow(0, first, count), known, parts.defined() ? parts.narrow(0, first, count) : parts);
      } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::out_of_memory || count == 1) throw;
        most = count / 2;
        continue;
      }
      first += count;
      if (!torch::isfinite(outputs[0]).all().item<bool>()) {
        throw Failure(ErrorCode::non_finite,
                      "The generator's picture has values that are not numbers; check the codes.");
      }
      rgb.push_back(outputs[0]);
      mask.push_back(outputs[1]);
      coarse.push_back(outputs[2]);
    }
    return {from_torch(torch::cat(rgb)), from_torch(torch::cat(mask)), from_torch(torch::cat(coarse))};
  }

  std::vector<torch::Tensor> run_some(const torch::Tensor& given, CodeSpace space, const torch::Tensor& parts) const {
    return module_.guarded([&] {
      const torch::Tensor batch = to_codes(given, space);
      const torch::Tensor kept = parts.defined() ? parts : torch::empty({0}, batch.options());
      std::vector<torch::Tensor> outputs = published_ ? published_->run(module_, batch) : module_.run({batch, kept}, 3);
      const torch::Tensor& rgb = outputs.at(0);
      if (outputs.size() != 3 || rgb.dim() != 4 || rgb.size(0) != given.size(0) || rgb.size(1) != 3 ||
          rgb.numel() == 0) {
        module_.refuse("does not give one picture of three colours for each of the codes");
      }
      return outputs;
    });
  }

  /// The space that is meant, after checking that codes of this shape can be in it.
  CodeSpace resolve_space(const std::vector<int64_t>& shape, CodeSpace space) const {
    const bool automatic = space == CodeSpace::automatic;
    const auto has_rows = [&shape](int64_t rows) { return shape.size() == 3 && shape[1] == rows; };
    if (shape.empty() || shape[0] < 1 || shape.back() != latent_.dim) fail(shape, space);
    if (space == CodeSpace::z || space == CodeSpace::w) {
      if (shape.size() != 2) fail(shape, space);
      if (space == CodeSpace::z && !module_.has_method("map")) {
        throw Failure(ErrorCode::usage, "--space z: the generator " + module_.entry().path.string() +
                                            " has no mapping network; give w or w+ codes.");
      }
      return space;
    }
    if ((space == CodeSpace::w_plus || automatic) && has_rows(latent_.codes)) return CodeSpace::w_plus;
    if ((space == CodeSpace::expanded || automatic) && latent_.expanded > 0 && has_rows(latent_.expanded)) {
      return CodeSpace::expanded;
    }
    if (automatic && shape.size() == 2) return CodeSpace::w;
    if (space == CodeSpace::expanded && latent_.expanded == 0) {
      throw Failure(ErrorCode::usage, "--space expanded: the generator " + module_.entry().path.string() +
                                          " has no expanded codes; give w+ codes.");
    }
    fail(shape, space);
  }

  [[noreturn]] void fail(const std::vector<int64_t>& shape, CodeSpace space) const {
    const std::string dim = std::to_string(latent_.dim);
    std::string known = "[N," + dim + "] (z, w) or [N," + std::to_string(latent_.codes) + "," + dim + "] (w+)";
    if (latent_.expanded > 0) known += " or [N," + std::to_string(latent_.expanded) + "," + dim + "] (expanded)";
    throw Failure(ErrorCode::usage, "Codes of shape " + shape_text(shape) + " do not fit --space " +
                                        name_of(kCodeSpaces, space) + ": this generator takes " + known + ".");
  }

  torch::Tensor to_codes(const torch::Tensor& batch, CodeSpace space) const {
    torch::Tensor codes = space == CodeSpace::z ? module_.run({batch}, 1, "map")[0] : batch;
    if (codes.dim() == 2) codes = codes.unsqueeze(1).repeat({1, latent_.codes, 1});
    return codes;
  }

  /// [N,parts] of 0 (leave the part out) and 1 (keep it), from [parts], [1,parts] or [N,parts].
  torch::Tensor read_composition(const Tensor& composition, int64_t count) const {
    const std::vector<int64_t>& shape = composition.shape;
    const bool fits = !shape.empty() && shape.size() <= 2 && shape.back() == latent_.parts &&
                      (shape.size() == 1 || shape[0] == 1 || shape[0] == count);
    if (!fits) {
      throw Failure(ErrorCode::usage, "A composition mask of shape " + shape_text(shape) + " does not fit: it takes [" +
                                          std::to_string(count) + "," + std::to_string(latent_.parts) +
                                          "], 1 to keep a part.");
    }
    return to_torch(composition, module_.device())
        .reshape({-1, latent_.parts})
        .expand({count, latent_.parts})
        .contiguous();
  }

  TorchModule module_;
  Latent latent_;
  std::optional<PublishedWay> published_;
};

}  // namespace

std::unique_ptr<Generator> swiftavatar_load_generator(const Bundle& bundle, const std::string& role,
                                                      const Device& device) {
  return std::make_unique<TorchGenerator>(bundle, role, device);
}

std::unique_ptr<Generator> swiftavatar_load_published_generator(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchGenerator>(bundle, "real_generator", device, /*published_way=*/true);
}

}  // namespace swiftavatar
