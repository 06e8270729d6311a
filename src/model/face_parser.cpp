#include "model/networks.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

class TorchFaceParser : public FaceParser {
 public:
  TorchFaceParser(const Bundle& bundle, const Device& device)
      : module_(bundle, "parser", device, Use::forward_only), size_(module_.input_size()) {}

  std::vector<cv::Mat> parse(const cv::Mat& aligned) const override {
    return module_.guarded([&] { return parts_of(aligned); });
  }

 private:
  std::vector<cv::Mat> parts_of(const cv::Mat& aligned) const {
    const torch::InferenceMode no_gradients;
    const torch::Tensor input = image_tensor({resize_square(aligned, size_)}, -1, 1, module_.device());
    const torch::Tensor logits = module_.run({input}, 1)[0];
    if (logits.dim() != 4 || logits.size(0) != 1 || logits.size(1) != kParts) {
      module_.refuse("does not give " + std::to_string(kParts) + " parts");
    }
    torch::Tensor probabilities = logits.softmax(1)[0].cpu().contiguous();
    if (!torch::isfinite(probabilities).all().item<bool>()) {
      throw Failure(ErrorCode::non_finite, "The parser gives values that are not numbers for this face.");
    }
    std::vector<cv::Mat> parts;
    for (int part = 0; part < kParts; ++part) {
      torch::Tensor plane = probabilities[part];
      parts.push_back(cv::Mat(static_cast<int>(plane.size(0)), static_cast<int>(plane.size(1)), CV_32F,
                              plane.mutable_data_ptr<float>())
                          .clone());
    }
    return parts;
  }

  TorchModule module_;
  int size_;
};

}  // namespace

std::unique_ptr<FaceParser> swiftavatar_load_parser(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchFaceParser>(bundle, device);
}

}  // namespace swiftavatar
