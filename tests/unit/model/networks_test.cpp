#include <cmath>

#include "model/bundle_fixture.h"

namespace swiftavatar {
namespace {

using Networks = BundleFixture;

// Part 3 wherever red is above the middle, part 1 elsewhere; with certainty.
constexpr char kRedParser[] = R"(
def forward(self, x: Tensor) -> Tensor:
  logits = torch.zeros([x.size(0), 13, x.size(2), x.size(3)])
  logits[:, 3] = 50.0 * x[:, 0]
  logits[:, 1] = -50.0 * x[:, 0]
  return logits
)";

TEST_F(Networks, ParserGivesProbabilitiesAtItsOwnSize) {
  add_network("parser", "parser.pt", kRedParser, {{"inputs", picture_list(32)}});
  const auto parser = load_parser(open_bundle().value(), Device{});
  cv::Mat aligned(256, 256, CV_8UC3, cv::Scalar(0, 0, 255));
  aligned.colRange(128, 256) = cv::Scalar(255, 0, 0);  // RGB: red is the first channel
  const std::vector<cv::Mat> parts = parser->parse(aligned);
  ASSERT_EQ(parts.size(), 13U);
  ASSERT_EQ(parts[3].size(), cv::Size(32, 32));
  EXPECT_NEAR(parts[3].at<float>(16, 4), 0, 1e-6);
  EXPECT_NEAR(parts[1].at<float>(16, 4), 1, 1e-6);
  EXPECT_NEAR(parts[3].at<float>(16, 28), 1, 1e-6);
  cv::Mat sum = cv::Mat::zeros(32, 32, CV_32F);
  for (const cv::Mat& part : parts) sum += part;
  EXPECT_LT(cv::norm(sum, cv::Mat::ones(32, 32, CV_32F), cv::NORM_INF), 1e-5);
}

TEST_F(Networks, ParserRefusesANetworkOfOtherParts) {
  add_network("parser", "parser.pt", "def forward(self, x: Tensor) -> Tensor:\n  return x\n",
              {{"inputs", picture_list(32)}});
  const auto parser = load_parser(open_bundle().value(), Device{});
  const Error error = failure_of([&] { parser->parse(cv::Mat(32, 32, CV_8UC3, cv::Scalar::all(9))); });
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_NE(error.message.find("13 parts"), std::string::npos) << error.message;
}

TEST_F(Networks, ParserReportsNumbersThatAreNone) {
  add_network("parser", "parser.pt",
              "def forward(self, x: Tensor) -> Tensor:\n  return torch.full([1, 13, 8, 8], float('nan'))\n",
              {{"inputs", picture_list(8)}});
  const auto parser = load_parser(open_bundle().value(), Device{});
  EXPECT_EQ(failure_of([&] { parser->parse(cv::Mat::zeros(8, 8, CV_8UC3)); }).code, ErrorCode::non_finite);
}

constexpr char kSixNumbers[] = R"(
def forward(self, x: Tensor) -> Tensor:
  n = x.size(0)
  return torch.cat([torch.tensor([[2.0, 0.0, -2.0, 0.0, 1.5]]).expand([n, 5]), x.flatten(1).mean([1], True)], 1)
)";

nlohmann::json some_heads() {
  return {{{"kind", "attribute"},
           {"name", "mouth"},
           {"options", {"closed", "teeth", "other"}},
           {"offset", 0},
           {"temperature", 2.0},
           {"bias", {0.0, 1.0, 0.5}}},
          {{"kind", "slider"}, {"name", "jaw_width"}, {"offset", 3}},
          {{"kind", "measure"}, {"name", "eye_size"}, {"offset", 4}, {"mean", 0.2}, {"std", 0.01}},
          {{"kind", "slider"}, {"name", "brightness"}, {"offset", 5}}};
}

TEST_F(Networks, EstimatorReadsItsHeadsAsTheManifestSays) {
  add_network("estimator:tiktok", "e.pt", kSixNumbers, {{"inputs", picture_list(16)}, {"heads", some_heads()}});
  const auto estimator = load_estimator(open_bundle().value(), "tiktok", Device{});
  const auto heads = estimator->estimate({cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(255)), {}, {}});
  ASSERT_EQ(heads.size(), 4U);
  EXPECT_EQ(heads[0].name, "mouth");
  // logits 2, 0, -2 over temperature 2, plus the biases: 1, 1, -0.5
  const double total = 2 * std::exp(1.0) + std::exp(-0.5);
  EXPECT_NEAR(heads[0].values[0], 1 - std::log(total), 1e-5);
  EXPECT_NEAR(heads[0].values[1], 1 - std::log(total), 1e-5);
  EXPECT_NEAR(heads[0].values[2], -0.5 - std::log(total), 1e-5);
  EXPECT_NEAR(heads[1].values[0], 0.5, 1e-6);
  EXPECT_NEAR(heads[2].values[0], 0.215, 1e-6);
  EXPECT_NEAR(heads[3].values[0], 1 / (1 + std::exp(-1.0)), 1e-5);  // white is 1 for the network
}

TEST_F(Networks, FacesInABatchGetTheAnswersTheyGetAlone) {
  add_network("estimator:tiktok", "e.pt", kSixNumbers, {{"inputs", picture_list(16)}, {"heads", some_heads()}});
  const auto estimator = load_estimator(open_bundle().value(), "tiktok", Device{});
  std::vector<EstimatorInput> faces;
  for (const int grey : {0, 255, 100}) faces.push_back({cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(grey)), {}, {}});
  const auto together = estimator->estimate_batch(faces);
  ASSERT_EQ(together.size(), 3U);
  for (size_t i = 0; i < faces.size(); ++i) {
    const auto alone = estimator->estimate(faces[i]);
    for (size_t head = 0; head < alone.size(); ++head) {
      for (size_t k = 0; k < alone[head].values.size(); ++k) {
        EXPECT_NEAR(alone[head].values[k], together[i].value()[head].values[k], 1e-5);
      }
    }
  }
  EXPECT_TRUE(estimator->estimate_batch({}).empty());
}

TEST_F(Networks, EstimatorReadsPartsAndMeshWhereTheManifestSays) {
  add_network("estimator:tiktok", "e.pt",
              "def forward(self, image: Tensor, parts: Tensor, points: Tensor) -> Tensor:\n"
              "  return torch.stack([image.mean(), parts[:, 12].mean(), points[:, 1, 1].mean()]).unsqueeze(0)\n",
              {{"inputs",
                {{{"name", "image"}, {"shape", {"N", 3, 16, 16}}},
                 {{"name", "parts"}, {"shape", {"N", 13, 8, 8}}},
                 {{"name", "points"}, {"shape", {"N", 478, 2}}}}},
               {"heads",
                {{{"kind", "measure"}, {"name", "image"}, {"offset", 0}},
                 {{"kind", "measure"}, {"name", "parts"}, {"offset", 1}},
                 {{"kind", "measure"}, {"name", "points"}, {"offset", 2}}}}});
  EstimatorInput face{cv::Mat::zeros(32, 32, CV_8UC3), std::vector<cv::Mat>(13), std::vector<cv::Point2f>(478)};
  for (int part = 0; part < 13; ++part) face.parts[part] = cv::Mat(16, 16, CV_32F, cv::Scalar(part / 16.0));
  face.mesh[1] = {0.25f, 0.75f};
  const auto heads = load_estimator(open_bundle().value(), "tiktok", Device{})->estimate(face);
  EXPECT_FLOAT_EQ(heads[0].values[0], -1);
  EXPECT_FLOAT_EQ(heads[1].values[0], 0.75f);
  EXPECT_FLOAT_EQ(heads[2].values[0], 0.75f);
}

TEST_F(Networks, EstimatorRefusesHeadsThatDoNotFit) {
  const auto error_with = [this](const nlohmann::json& heads) {
    add_network("estimator:tiktok", "e.pt", kSixNumbers, {{"inputs", picture_list(16)}, {"heads", heads}});
    const Bundle bundle = open_bundle().value();
    return failure_of([&] {
      load_estimator(bundle, "tiktok", Device{})->estimate({cv::Mat::zeros(16, 16, CV_8UC3), {}, {}});
    });
  };
  nlohmann::json heads = some_heads();
  heads[3]["offset"] = 6;
  EXPECT_NE(error_with(heads).message.find("brightness"), std::string::npos);
  heads = some_heads();
  heads[0]["bias"] = {0.0};
  EXPECT_NE(error_with(heads).message.find("mouth"), std::string::npos);
  heads = some_heads();
  heads[1]["kind"] = "oracle";
  EXPECT_NE(error_with(heads).message.find("oracle"), std::string::npos);
  EXPECT_EQ(error_with(nullptr).code, ErrorCode::model_corrupt);
}

/// The error of an estimator whose network says `words`.
class FailingNetwork : public Networks {
 protected:
  Error error_of(const std::string& words) {
    add_network("estimator:tiktok", "e.pt",
                "def forward(self, x: Tensor) -> Tensor:\n  assert x.numel() < 0, \"" + words + "\"\n  return x\n",
                {{"inputs", picture_list(16)}, {"heads", some_heads()}});
    const auto estimator = load_estimator(open_bundle().value(), "tiktok", Device{});
    return failure_of([&] { estimator->estimate({cv::Mat::zeros(16, 16, CV_8UC3), {}, {}}); });
  }
};

TEST_F(FailingNetwork, AGpuThatFailsIsNotACorruptModel) {
  const Error error = error_of("CUDA error: an illegal memory access was encountered");
  EXPECT_EQ(error.code, ErrorCode::device_failed);
  EXPECT_EQ(error.message.find("e.pt"), std::string::npos) << error.message;
  EXPECT_NE(error.cause.find("illegal memory access"), std::string::npos) << error.cause;
}

TEST_F(FailingNetwork, WantOfMemoryIsAnItemsError) {
  EXPECT_EQ(error_of("CUDA out of memory").code, ErrorCode::out_of_memory);
}

TEST_F(FailingNetwork, AnyOtherFaultIsTheBundlesAndKeepsItsCause) {
  const Error error = error_of("no such thing");
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_NE(error.message.find("e.pt"), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find("no such thing"), std::string::npos) << error.message;
  EXPECT_NE(error.cause.find("no such thing"), std::string::npos) << error.cause;
}

TEST_F(Networks, AParserWhoseAnswersHaveAnotherTypeIsRefused) {
  add_network("parser", "parser.pt",
              "def forward(self, x: Tensor) -> Tensor:\n  return torch.complex(torch.zeros([1, 13, 8, 8]), "
              "torch.zeros([1, 13, 8, 8]))\n",
              {{"inputs", picture_list(8)}});
  const auto parser = load_parser(open_bundle().value(), Device{});
  EXPECT_EQ(failure_of([&] { parser->parse(cv::Mat::zeros(8, 8, CV_8UC3)); }).code, ErrorCode::model_corrupt);
}

}  // namespace
}  // namespace swiftavatar
