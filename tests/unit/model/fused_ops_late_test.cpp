// The fused operators and the pass that puts them in: on the host, whose code is the kernels', and on a GPU where there
// is one.

#include "model/fused_ops.h"

#include <filesystem>
#include <sstream>

#include <ATen/Context.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include "model/fold_constants.h"

namespace swiftavatar {
namespace {

using torch::Tensor;

Tensor fused_blur(const Tensor& x, const Tensor& kernel, int64_t up, int64_t down, int64_t before, int64_t after,
                  bool flip) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("swiftavatar::up_fir_down", "")
                             .typed<Tensor(const Tensor&, const Tensor&, int64_t, int64_t, int64_t, int64_t, bool)>();
  return op.call(x, kernel, up, down, before, after, flip);
}

/// Where the tests run: on the CPU, and as well on a GPU where there is one.
class FusedOps : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!device_.is_cuda()) return;
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU here that this build can use";
    at::globalContext().setAllowTF32CuDNN(false);
  }

  static std::string default_bundle() {
    const char* const tree = std::getenv("SWIFTAVATAR_SOURCE_DIR");  // where the test was built elsewhere
    return std::filesystem::path(tree ? tree : SWIFTAVATAR_SOURCE_DIR) / "models/default/real_generator.pt";
  }

  const torch::Device device_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Devices, FusedOps, ::testing::Values("cpu", "cuda"),
                         [](const auto& info) { return info.param; });

double distance(const Tensor& one, const Tensor& other) {
  EXPECT_EQ(one.sizes(), other.sizes());
  return (one - other).abs().max().item<double>();
}

/// Both ways of a piece of work, with the gradients of one random weighting of the result to `x`. `kinks`: rounding may
/// turn the sign of a value next to 0 inside, and with it one pixel's gradient at a leaky ReLU; gradients are then
/// compared as a whole.
template <typename Plain, typename Own>
void expect_same(const Tensor& x, const Plain& plain, const Own& own, bool kinks = false) {
  const Tensor a = x.clone().requires_grad_(), b = x.clone().requires_grad_();
  const Tensor of_a = plain(a), of_b = own(b);
  EXPECT_LT(distance(of_a, of_b), 1e-5);
  const Tensor weighting = torch::randn_like(of_a);
  (of_a * weighting).sum().backward();
  (of_b * weighting).sum().backward();
  if (kinks) {
    EXPECT_LT(((a.grad() - b.grad()).norm() / a.grad().norm()).item<double>(), 1e-3);
  } else {
    EXPECT_LT(distance(a.grad(), b.grad()), 1e-5);
  }
}

TEST_P(FusedOps, UpFirDownIsAConvolutionOfEachChannel) {
  torch::manual_seed(1);
  for (const int64_t side : {1, 3, 4}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (int64_t pad = 0; pad < side; ++pad) {
        const Tensor x = torch::randn({2, 3, 9, 7}).to(device_), kernel = torch::randn({side, side}).to(device_);
        const Tensor weight = kernel.expand({3, 1, side, side}).contiguous();
        expect_same(
            x, [&](const Tensor& some) { return torch::conv2d(some, weight, {}, stride, pad, 1, 3); },
            [&](const Tensor& some) { return fused_blur(some, kernel, 1, stride, pad, pad, false); });
        const int64_t before = side - 1 - pad;
        if ((9 - 1) * stride + side - 2 * pad < 1) continue;
        expect_same(
            x, [&](const Tensor& some) { return torch::conv_transpose2d(some, weight, {}, stride, pad, 0, 3); },
            [&](const Tensor& some) {
              return fused_blur(some, kernel, stride, 1, before, before - (stride - 1), true);
            });
      }
    }
  }
}

constexpr char kNetwork[] = R"(
def forward(self, x: Tensor) -> Tensor:
  y = torch.conv_transpose2d(x, self.blur, None, [2, 2], [1, 1], [0, 0], 3, [1, 1])
  y = torch.conv2d(y, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)
  y = torch.leaky_relu(torch.conv2d(y, self.flat, self.bias, [1, 1], [1, 1], [1, 1], 3), 0.3)
  y = torch.leaky_relu_(y.add_(self.noise), 0.2)
  y = torch.conv2d(y, self.blur, None, [2, 2], [1, 1], [1, 1], 3)
  return torch.leaky_relu_(torch.conv2d(y, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1), 0.1)
)";

torch::jit::Module network(const torch::Device& device) {
  torch::manual_seed(2);
  torch::jit::Module module("Network");
  module.register_buffer("blur", torch::randn({4, 4}).expand({3, 1, 4, 4}).contiguous());
  module.register_buffer("flat", torch::randn({3, 3}).expand({3, 1, 3, 3}).contiguous());
  module.register_buffer("weight", torch::randn({3, 3, 3, 3}) / 5);
  module.register_buffer("bias", torch::randn({3}));
  module.register_buffer("noise", torch::randn({1, 1, 12, 12}));
  module.define(kNetwork);
  module.eval();
  std::stringstream file;  // constants look otherwise in what is loaded than in what was frozen
  torch::jit::freeze(module).save(file);
  torch::jit::Module loaded = torch::jit::load(file, device);
  fold_constants(loaded);
  return loaded;
}

TEST_P(FusedOps, ReplacesWhatItFindsAndChangesNothing) {
  torch::jit::Module plain = network(device_), own = network(device_);
  const Fused fused = fuse(own);
  EXPECT_EQ(fused.bias_leaky, 3);
  EXPECT_EQ(fused.up_fir_down, 3);
  expect_same(
      torch::randn({2, 3, 6, 6}).to(device_), [&](const Tensor& x) { return plain.forward({x}).toTensor(); },
      [&](const Tensor& x) { return own.forward({x}).toTensor(); });
}

TEST_P(FusedOps, TheDefaultGeneratorGivesTheSamePictureAndGradient) {
  torch::jit::Module plain = torch::jit::load(default_bundle(), device_),
                     own = torch::jit::load(default_bundle(), device_);
  fold_constants(own);
  EXPECT_GE(fuse(own).bias_leaky, 8);
  torch::manual_seed(3);
  const auto picture = [](torch::jit::Module& module) {
    return [&module](const Tensor& codes) {
      return module.forward({codes, torch::empty({0}, codes.options())}).toTupleRef().elements()[0].toTensor() / 100;
    };
  };
  expect_same(torch::randn({2, 28, 64}).to(device_) / 4, picture(plain), picture(own));
}

TEST_P(FusedOps, AnImportedGeneratorGivesTheSamePictureAndGradient) {
  const char* const file = std::getenv("SWIFTAVATAR_IMPORTED");  // a generator's file that `models import` wrote
  if (file == nullptr) GTEST_SKIP() << "SWIFTAVATAR_IMPORTED names no imported generator";
  torch::jit::Module plain = torch::jit::load(file, device_), own = torch::jit::load(file, device_);
  fold_constants(own);
  const Fused fused = fuse(own);
  EXPECT_GT(fused.bias_leaky, 4);
  EXPECT_GE(fused.up_fir_down, 3);  // a blur a stage, and one enlargement less
  torch::manual_seed(4);
  const auto picture = [](torch::jit::Module& module) {
    return [&module](const Tensor& codes) {
      return module.forward({codes, torch::empty({0}, codes.options())}).toTupleRef().elements()[0].toTensor() / 100;
    };
  };
  expect_same(torch::randn({2, 27, 64}).to(device_) / 4, picture(plain), picture(own), /*kinks=*/true);
}

}  // namespace
}  // namespace swiftavatar
