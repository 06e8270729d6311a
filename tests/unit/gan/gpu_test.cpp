// The networks of the default bundle on a GPU against the CPU, and in batches against one by one. Skipped without a
// GPU.

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "failure_of.h"
#include "swiftavatar/gan.h"

namespace swiftavatar {
namespace {

const Device kCpu, kGpu{.name = "cuda:0"};

/// SWIFTAVATAR_SOURCE_DIR names the source tree where the test was built elsewhere.
std::filesystem::path source_tree() {
  const char* const named = std::getenv("SWIFTAVATAR_SOURCE_DIR");
  return named ? named : SWIFTAVATAR_SOURCE_DIR;
}

class GpuTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!resolve_device("cuda").ok()) GTEST_SKIP() << "no GPU here that this build can use";
  }

  const Bundle bundle_ = Bundle::open(source_tree() / "models/default").value();
};

double largest(const Tensor& one, const Tensor& other) {
  EXPECT_EQ(one.shape, other.shape);
  double most = 0;
  for (size_t i = 0; i < std::min(one.data.size(), other.data.size()); ++i) {
    const double difference = std::abs(one.data[i] - other.data[i]);
    most = std::isfinite(difference) ? std::max(most, difference) : INFINITY;
  }
  return most;
}

/// Codes near the mean, no two alike.
Tensor some_codes(const Bundle& bundle, int64_t count) {
  const nlohmann::json& mean = bundle.manifest().at("latent").at("mean");
  Tensor codes{.shape = {count, static_cast<int64_t>(mean.size()), static_cast<int64_t>(mean.at(0).size())},
               .data = {}};
  for (int64_t i = 0; i < count; ++i) {
    for (const nlohmann::json& row : mean) {
      for (const nlohmann::json& value : row) {
        const double turn = 0.7 * static_cast<double>(codes.data.size());
        codes.data.push_back(static_cast<float>(value.get<double>() + 0.3 * std::sin(turn + static_cast<double>(i))));
      }
    }
  }
  return codes;
}

/// Faces to invert: the generator's own pictures, and what the parser sees in them.
std::vector<InversionInput> some_faces(const Bundle& bundle, int64_t count) {
  const Generated pictures =
      load_generator(bundle, "real_generator", kCpu)->generate(some_codes(bundle, count), CodeSpace::w_plus);
  const auto parser = load_parser(bundle, kCpu);
  std::vector<InversionInput> faces;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const cv::Mat image = to_image(pictures.rgb, i);
    faces.push_back({image, parser->parse(image)});
  }
  return faces;
}

TEST_F(GpuTest, FusedOperatorsAreInTheNetworksThere) {
  EXPECT_GE(load_generator(bundle_, "real_generator", kGpu)->fused(), 8);
  EXPECT_GE(load_inverter(bundle_, kGpu)->fused(), 8);
  EXPECT_EQ(load_generator(bundle_, "real_generator", kCpu)->fused(), 0);
  EXPECT_FALSE(uses_tf32());
}

TEST_F(GpuTest, AGeneratorGivesTheCpusPictures) {
  const Tensor codes = some_codes(bundle_, 11);
  const Tensor composition{.shape = {13}, .data = {1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1}};
  for (const Tensor* parts : {static_cast<const Tensor*>(nullptr), &composition}) {
    const Generated cpu = load_generator(bundle_, "real_generator", kCpu)->generate(codes, CodeSpace::w_plus, parts);
    const Generated gpu = load_generator(bundle_, "real_generator", kGpu)->generate(codes, CodeSpace::w_plus, parts);
    EXPECT_LT(largest(cpu.rgb, gpu.rgb), 1e-4);
    EXPECT_LT(largest(cpu.mask, gpu.mask), 1e-4);
    EXPECT_LT(largest(cpu.coarse, gpu.coarse), 1e-4);
  }
}

TEST_F(GpuTest, ManyCodesGiveThePicturesOfEachAlone) {
  const Tensor codes = some_codes(bundle_, 11);
  const auto generator = load_generator(bundle_, "real_generator", kGpu);
  const Generated together = generator->generate(codes, CodeSpace::w_plus);
  const size_t code = codes.data.size() / 11, picture = together.rgb.data.size() / 11;
  for (size_t i = 0; i < 11; ++i) {
    const Tensor one{.shape = {1, codes.shape[1], codes.shape[2]},
                     .data = {codes.data.begin() + i * code, codes.data.begin() + (i + 1) * code}};
    const Generated alone = generator->generate(one, CodeSpace::w_plus);
    const Tensor same{.shape = alone.rgb.shape,
                      .data = {together.rgb.data.begin() + i * picture, together.rgb.data.begin() + (i + 1) * picture}};
    EXPECT_LT(largest(alone.rgb, same), 1e-4) << i;
  }
}

/// Few steps: Adam divides by the size of the gradient, so rounding grows from step to step.
TEST_F(GpuTest, InversionGivesTheCpusCodes) {
  const std::vector<InversionInput> faces = some_faces(bundle_, 3);
  for (const InversionOptions& options :
       {InversionOptions{InversionMethod::encoder}, InversionOptions{InversionMethod::optimize, 4},
        InversionOptions{InversionMethod::optimize, 4, InversionRecipe::official}}) {
    const auto cpu = load_inverter(bundle_, kCpu)->invert_batch(faces, options);
    const auto gpu = load_inverter(bundle_, kGpu)->invert_batch(faces, options);
    for (size_t i = 0; i < faces.size(); ++i) {
      const double difference = largest(cpu[i].value().codes, gpu[i].value().codes);
      RecordProperty("codes_" + name_of(kInversionMethods, options.method) + "_" +
                         name_of(kInversionRecipes, options.recipe) + "_" + std::to_string(i),
                     std::to_string(difference));
      EXPECT_LT(difference, options.method == InversionMethod::encoder ? 1e-3 : 1e-2)
          << name_of(kInversionMethods, options.method) << ' ' << name_of(kInversionRecipes, options.recipe) << ' '
          << i;
      EXPECT_NEAR(cpu[i].value().loss, gpu[i].value().loss, 1e-3)
          << name_of(kInversionMethods, options.method) << ' ' << name_of(kInversionRecipes, options.recipe) << ' '
          << i;
    }
  }
}

TEST_F(GpuTest, FacesInABatchGetTheCodesThatTheyGetAlone) {
  const std::vector<InversionInput> faces = some_faces(bundle_, 8);
  const auto inverter = load_inverter(bundle_, kGpu);
  const InversionOptions options{InversionMethod::optimize, 6};
  const auto together = inverter->invert_batch(faces, options);
  for (size_t i = 0; i < faces.size(); ++i) {
    const Inversion alone = inverter->invert(faces[i], options);
    EXPECT_LT(largest(alone.codes, together[i].value().codes), 1e-2) << i;
    EXPECT_NEAR(alone.loss, together[i].value().loss, 1e-3) << i;
  }
}

TEST_F(GpuTest, RecordedStepsGiveTheCodesOfPlainOnes) {
  const std::vector<InversionInput> faces = some_faces(bundle_, 3);
  const auto inverter = load_inverter(bundle_, kGpu);
  const InversionOptions plain{InversionMethod::optimize, 12};
  InversionOptions recorded = plain;
  recorded.cuda_graphs = true;
  const auto expected = inverter->invert_batch(faces, plain);
  for (int round = 0; round < 2; ++round) {  // the second one's memory was another graph's
    const auto found = inverter->invert_batch(faces, recorded);
    for (size_t i = 0; i < faces.size(); ++i) {
      EXPECT_LT(largest(expected[i].value().codes, found[i].value().codes), 1e-2) << i;
      EXPECT_NEAR(expected[i].value().loss, found[i].value().loss, 1e-3) << i;
    }
  }
}

TEST_F(GpuTest, TheParserAndTheEstimatorAnswerAsOnTheCpu) {
  const std::vector<InversionInput> faces = some_faces(bundle_, 4);
  const auto parser = load_parser(bundle_, kGpu);
  std::vector<EstimatorInput> inputs;
  for (const InversionInput& face : faces) {
    const std::vector<cv::Mat> parts = parser->parse(face.aligned);
    for (int part = 0; part < kParts; ++part)
      EXPECT_LT(cv::norm(parts[part], face.parts[part], cv::NORM_INF), 1e-3) << part;
    EstimatorInput input{face.aligned, face.parts, {}};
    for (int i = 0; i < kMeshPoints; ++i) input.mesh.emplace_back(0.3F + 0.001F * static_cast<float>(i % 400), 0.4F);
    inputs.push_back(input);
  }
  const auto cpu = load_estimator(bundle_, "tiktok", kCpu)->estimate_batch(inputs);
  const auto on_gpu = load_estimator(bundle_, "tiktok", kGpu);
  const auto gpu = on_gpu->estimate_batch(inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<HeadOutput> alone = on_gpu->estimate(inputs[i]);
    for (size_t head = 0; head < alone.size(); ++head) {
      const HeadOutput &one = cpu[i].value()[head], &other = gpu[i].value()[head];
      for (size_t k = 0; k < one.values.size(); ++k) {
        EXPECT_NEAR(one.values[k], other.values[k], 2e-3) << one.name;
        EXPECT_NEAR(alone[head].values[k], other.values[k], 2e-3) << one.name;
      }
    }
  }
}

}  // namespace
}  // namespace swiftavatar
