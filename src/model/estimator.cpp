#include <algorithm>
#include <cmath>

#include "model/networks.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

using nlohmann::json;

/// One entry of the manifest's `heads`: which outputs it reads, and how.
struct Head {
  std::string kind, name;
  std::vector<std::string> options;
  int64_t offset = 0;
  double temperature = 1;
  std::vector<float> bias;  ///< per option
  double mean = 0, std = 1;

  bool is_choice() const { return kind == "attribute" || kind == "discrete"; }
  int64_t width() const { return is_choice() ? static_cast<int64_t>(options.size()) : 1; }
};

/// Throws json::exception or Failure where the entry is malformed.
Head read_head(const TorchModule& module, const json& entry) {
  Head head;
  head.kind = entry.at("kind").get<std::string>();
  head.name = entry.at("name").get<std::string>();
  head.offset = entry.at("offset").get<int64_t>();
  if (head.is_choice()) {
    head.options = entry.at("options").get<std::vector<std::string>>();
    head.temperature = entry.value("temperature", 1.0);
    head.bias = entry.value("bias", std::vector<float>(head.options.size()));
    if (head.options.empty() || head.bias.size() != head.options.size() || !(head.temperature > 0)) {
      module.refuse("the manifest's head \"" + head.name +
                    "\" needs options, as many biases and a temperature above 0");
    }
  } else if (head.kind == "measure") {
    head.mean = entry.value("mean", 0.0);
    head.std = entry.value("std", 1.0);
  } else if (head.kind != "slider") {
    module.refuse("the manifest's head \"" + head.name + "\" has the unknown kind \"" + head.kind + "\"");
  }
  if (head.offset < 0) module.refuse("the manifest's head \"" + head.name + "\" has a negative offset");
  return head;
}

std::vector<Head> read_heads(const TorchModule& module) {
  std::vector<Head> heads;
  try {
    const json& entries = module.entry().spec.at("heads");
    if (!entries.is_array() || entries.empty()) module.refuse("the manifest's list of heads is missing or malformed");
    for (const json& entry : entries) heads.push_back(read_head(module, entry));
  } catch (const json::exception&) {
    module.refuse("the manifest's list of heads is missing or malformed");
  }
  return heads;
}

/// One entry of the manifest's `inputs`: image [N,3,S,S], parts [N,13,S,S] or points [N,478,2].
struct Input {
  std::string name;
  int size = 0;  ///< S of a picture
};

std::vector<Input> read_inputs(const TorchModule& module) {
  std::vector<Input> inputs;
  try {
    for (const json& entry : module.entry().spec.at("inputs")) {
      Input input{entry.at("name").get<std::string>()};
      if (input.name != "image" && input.name != "parts" && input.name != "points") {
        module.refuse("the manifest's input \"" + input.name + "\" is none of image, parts and points");
      }
      const json& last = entry.at("shape").back();
      input.size = last.get<int>();
      if (input.size < 1 || input.size > 4096)
        module.refuse("the manifest's input \"" + input.name + "\" has a wrong shape");
      inputs.push_back(std::move(input));
    }
  } catch (const json::exception&) {
    module.refuse("the manifest's list of inputs is missing or malformed");
  }
  if (inputs.empty()) module.refuse("the manifest's list of inputs is empty");
  return inputs;
}

/// log-softmax(logits / temperature + bias).
std::vector<float> log_probabilities(const float* logits, const Head& head) {
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
      : module_(bundle, "estimator:" + engine, device, Use::forward_only),
        inputs_(read_inputs(module_)),
        heads_(read_heads(module_)) {}

  std::vector<Result<std::vector<HeadOutput>>> estimate_batch(const std::vector<EstimatorInput>& faces) const override {
    return with_memory([&] { return answers(faces); });
  }

  std::function<void()> network(const std::vector<EstimatorInput>& faces) const override {
    return [this, inputs = inputs_of(faces)] {
      const torch::InferenceMode no_gradients;
      module_.run(inputs, 1)[0].cpu();
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
    for (const Input& input : inputs_) inputs.push_back(tensor_of(input, faces));
    return inputs;
  }

  Result<std::vector<HeadOutput>> read_row(const float* row, int64_t width) const {
    std::vector<HeadOutput> answer;
    for (const Head& head : heads_) {
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

  torch::Tensor tensor_of(const Input& input, const std::vector<EstimatorInput>& faces) const {
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

  static std::vector<float> read(const float* values, const Head& head) {
    if (head.is_choice()) return log_probabilities(values, head);
    if (head.kind == "slider") return {1 / (1 + std::exp(-values[0]))};
    return {static_cast<float>(head.mean + head.std * values[0])};
  }

  TorchModule module_;
  std::vector<Input> inputs_;
  std::vector<Head> heads_;
};

}  // namespace

std::unique_ptr<Estimator> swiftavatar_load_estimator(const Bundle& bundle, const std::string& engine,
                                                      const Device& device) {
  return std::make_unique<TorchEstimator>(bundle, engine, device);
}

}  // namespace swiftavatar
