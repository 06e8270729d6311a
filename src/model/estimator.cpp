#include <algorithm>
#include <cmath>

#include "model/networks.h"
#include "model/spec.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

/// log-softmax(logits / temperature + bias).
std::vector<float> log_probabilities(const float* logits, const HeadSpec& head) {
  std::vector<double> scores;
  double largest = -INFINITY;
  for (size_t i = 0; i < head.options.size(); ++i) {
    scores.push_back(logits[i] / head.temperature + head.bias[i]);
    largest = std::max(largest, scores.back());
  }
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - largest);
  std::vector<float> values;
  for (const double score : scores) values.push_back(static_cast<float>(score - largest - std::log(sum)));
  return values;
}

class TorchEstimator : public Estimator {
 public:
  TorchEstimator(const Bundle& bundle, const std::string& engine, const Device& device)
      : inputs_(input_specs(bundle.entry("estimator:" + engine).value())),
        heads_(head_specs(bundle.entry("estimator:" + engine).value())),
        module_(bundle, "estimator:" + engine, device, Use::forward_only) {}

  std::vector<Result<std::vector<HeadOutput>>> estimate_batch(const std::vector<EstimatorInput>& faces) const override {
    return module_.guarded([&] { return answers(faces); });
  }

  std::function<void()> network(const std::vector<EstimatorInput>& faces) const override {
    return [this, inputs = inputs_of(faces)] {
      const torch::InferenceMode no_gradients;
      module_.guarded([&] { return module_.run(inputs, 1)[0].cpu(); });
    };
  }

  int fused() const override { return module_.fused().total(); }

 private:
  std::vector<Result<std::vector<HeadOutput>>> answers(const std::vector<EstimatorInput>& faces) const {
    std::vector<Result<std::vector<HeadOutput>>> results;
    if (faces.empty()) return results;
    const torch::InferenceMode no_gradients;
    const Tensor output = from_torch(module_.run(inputs_of(faces), 1)[0]);
    if (output.shape.size() != 2 || output.shape[0] != static_cast<int64_t>(faces.size())) {
      module_.refuse("does not give one row of numbers for a face");
    }
    for (size_t row = 0; row < faces.size(); ++row) {
      results.push_back(read_row(output.data.data() + row * output.shape[1], output.shape[1]));
    }
    return results;
  }

  std::vector<torch::Tensor> inputs_of(const std::vector<EstimatorInput>& faces) const {
    std::vector<torch::Tensor> inputs;
    for (const InputSpec& input : inputs_) inputs.push_back(tensor_of(input, faces));
    return inputs;
  }

  Result<std::vector<HeadOutput>> read_row(const float* row, int64_t width) const {
    std::vector<HeadOutput> answer;
    for (const HeadSpec& head : heads_) {
      if (head.offset + head.width() > width) {
        module_.refuse("gives " + std::to_string(width) + " numbers, too few for the manifest's head \"" + head.name +
                       "\"");
      }
      const float* const values = row + head.offset;
      if (!std::all_of(values, values + head.width(), [](float value) { return std::isfinite(value); })) {
        return Error{ErrorCode::non_finite, "The estimator gives values that are not numbers for this face."};
      }
      answer.push_back({head.kind, head.name, head.options, read(values, head)});
    }
    return answer;
  }

  torch::Tensor tensor_of(const InputSpec& input, const std::vector<EstimatorInput>& faces) const {
    if (input.name == "image") {
      std::vector<cv::Mat> pictures;
      for (const EstimatorInput& face : faces) pictures.push_back(resize_square(face.image, input.size));
      return image_tensor(pictures, -1, 1, module_.device());
    }
    if (input.name == "parts") {
      std::vector<std::vector<cv::Mat>> parts;
      for (const EstimatorInput& face : faces) parts.push_back(face.parts);
      return parts_tensor(parts, input.size, module_.device());
    }
    const auto count = static_cast<int64_t>(faces.front().mesh.size());
    const torch::Tensor points = torch::empty({static_cast<int64_t>(faces.size()), count, 2});
    float* values = points.mutable_data_ptr<float>();
    for (const EstimatorInput& face : faces) {
      TORCH_CHECK(static_cast<int64_t>(face.mesh.size()) == count, "faces of one batch have as many points");
      values = std::copy_n(&face.mesh.data()->x, 2 * count, values);  // Point2f is two floats
    }
    return to_device(points, module_.device());
  }

  static std::vector<float> read(const float* values, const HeadSpec& head) {
    if (head.is_choice()) return log_probabilities(values, head);
    if (head.kind == HeadKind::slider) return {1 / (1 + std::exp(-values[0]))};
    return {static_cast<float>(head.mean + head.std * values[0])};
  }

  std::vector<InputSpec> inputs_;
  std::vector<HeadSpec> heads_;
  TorchModule module_;
};

}  // namespace

std::unique_ptr<Estimator> swiftavatar_load_estimator(const Bundle& bundle, const std::string& engine,
                                                      const Device& device) {
  return std::make_unique<TorchEstimator>(bundle, engine, device);
}

}  // namespace swiftavatar
