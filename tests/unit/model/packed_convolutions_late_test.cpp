// Packed convolutions give what plain ones give: on a network with every form that the pass takes in, and on those that
// ship.

#include "model/packed_convolutions.h"

#include <filesystem>
#include <future>
#include <ostream>
#include <sstream>

#include <gtest/gtest.h>

#include "model/fold_constants.h"

namespace swiftavatar {
namespace {

using torch::Tensor;

double distance(const Tensor& one, const Tensor& other) {
  EXPECT_EQ(one.sizes(), other.sizes());
  return (one - other).abs().max().item<double>();
}

/// Paddings even and uneven, all activations, groups, dilation, a convolution without bias, and one whose result is
/// read twice.
constexpr const char* kNetwork = R"(
def forward(self, x):
    a = torch.relu(torch.conv2d(x, self.first, self.bias, [1, 1], [1, 1], [1, 1], 1))
    a = torch.pad(a, [0, 1, 0, 1])
    b = torch.clamp(torch.conv2d(a, self.deep, None, [2, 2], [0, 0], [1, 1], 6), 0.0, 6.0)
    b = torch.pad(b, [1, 2, 2, 2])
    c = torch.leaky_relu(torch.conv2d(b, self.second, self.bias, [1, 1], [0, 0], [1, 1], 1), 0.2)
    d = torch.conv2d(torch.pad(c, [2, 2, 2, 2]), self.second, self.bias, [1, 1], [0, 0], [2, 2], 1)
    return torch.relu(d) + d
)";

torch::jit::Module network() {
  torch::manual_seed(5);
  torch::jit::Module module("network");
  module.register_buffer("first", torch::randn({6, 3, 3, 3}) / 3);
  module.register_buffer("deep", torch::randn({6, 1, 3, 3}) / 2);
  module.register_buffer("second", torch::randn({6, 6, 3, 3}) / 5);
  module.register_buffer("bias", torch::randn({6}));
  module.define(kNetwork);
  module.eval();
  std::stringstream file;  // constants look otherwise in what is loaded than in what was frozen
  torch::jit::freeze(module).save(file);
  torch::jit::Module loaded = torch::jit::load(file);
  fold_constants(loaded);
  return loaded;
}

TEST(PackedConvolutions, GiveWhatPlainOnesGive) {
  const torch::InferenceMode no_gradients;
  torch::jit::Module plain = network(), packed = network();
  ASSERT_EQ(pack_convolutions(packed), 4);
  for (const int64_t batch : {1, 3}) {
    const Tensor x = torch::randn({batch, 3, 17, 24});
    EXPECT_LT(distance(plain.forward({x}).toTensor(), packed.forward({x}).toTensor()), 1e-5);
  }
}

TEST(PackedConvolutions, TakeInputsOfSeveralSizesFromSeveralThreads) {
  const torch::InferenceMode no_gradients;
  torch::jit::Module plain = network(), packed = network();
  ASSERT_EQ(pack_convolutions(packed), 4);
  std::vector<std::future<double>> distances;
  for (const int64_t side : {8, 16, 33, 16, 8, 33}) {
    const Tensor x = torch::randn({2, 3, side, side + 1});
    distances.push_back(std::async(std::launch::async, [&packed, x, expected = plain.forward({x}).toTensor()] {
      const torch::InferenceMode none_here;
      return distance(expected, packed.forward({x}).toTensor());
    }));
  }
  for (std::future<double>& each : distances) EXPECT_LT(each.get(), 1e-5);
}

struct Shipped {
  const char* name;
  int convolutions;
  std::vector<std::vector<int64_t>> inputs;  // shapes, of one face
};

void PrintTo(const Shipped& network, std::ostream* out) { *out << network.name; }

class ShippedNetwork : public ::testing::TestWithParam<Shipped> {};

INSTANTIATE_TEST_SUITE_P(
    Default, ShippedNetwork,
    ::testing::Values(Shipped{"detector", 37, {{1, 3, 128, 128}}}, Shipped{"mesh", 45, {{1, 3, 192, 192}}},
                      Shipped{"iris", 81, {{1, 3, 64, 64}}}, Shipped{"parser", 14, {{1, 3, 128, 128}}},
                      Shipped{"inverter", 9, {{1, 3, 128, 128}, {1, 13, 128, 128}}},
                      Shipped{"estimator", 149, {{1, 3, 192, 192}, {1, 13, 128, 128}, {1, 478, 2}}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(ShippedNetwork, GivesTheSameAnswersPacked) {
  const torch::InferenceMode no_gradients;
  const Shipped& network = GetParam();
  const char* const tree = std::getenv("SWIFTAVATAR_SOURCE_DIR");  // where the test was built elsewhere
  const auto file = std::filesystem::path(tree ? tree : SWIFTAVATAR_SOURCE_DIR) / "models/default" /
                    (std::string(network.name) + ".pt");
  torch::jit::Module plain = torch::jit::load(file), packed = torch::jit::load(file);
  fold_constants(packed);  // the estimator's weights are stored in half precision
  EXPECT_EQ(pack_convolutions(packed), network.convolutions);
  torch::manual_seed(2);
  std::vector<torch::jit::IValue> inputs;
  for (const std::vector<int64_t>& shape : network.inputs) inputs.emplace_back(torch::rand(shape));
  const auto flat = [&inputs](torch::jit::Module& module) {
    const torch::jit::IValue answer = module.forward(inputs);
    if (answer.isTensor()) return answer.toTensor().flatten();
    std::vector<Tensor> parts;
    for (const torch::jit::IValue& part : answer.toTupleRef().elements()) parts.push_back(part.toTensor().flatten());
    return torch::cat(parts);
  };
  const Tensor expected = flat(plain);
  EXPECT_LT(distance(expected, flat(packed)), 1e-5 * std::max(1.0, expected.abs().max().item<double>()));
}

}  // namespace
}  // namespace swiftavatar
