#include <cmath>

#include "model/bundle_fixture.h"
#include "swiftavatar/gan.h"

namespace swiftavatar {
namespace {

constexpr int kSize = 16;
constexpr int kDim = 4;
constexpr int kCodes = 28;

// The first numbers of codes 0, 1 and 2 are the colour of the whole picture; the second numbers of codes 2 to 14 the
// masks.
constexpr char kGenerator[] = R"(
def forward(self, codes: Tensor, composition: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
  n = codes.size(0)
  rgb = codes[:, 0:3, 0].reshape([n, 3, 1, 1]).expand([n, 3, 16, 16])
  mask = codes[:, 2:15, 1].reshape([n, 13, 1, 1]).expand([n, 13, 16, 16])
  if composition.numel() > 0:
    mask = mask * composition.reshape([n, 13, 1, 1])
  return rgb, mask, mask[:, :, 0:4, 0:4]
def map(self, z: Tensor) -> Tensor:
  return z.unsqueeze(1).repeat([1, 28, 1]) + 1.0
)";
constexpr char kEncoder[] = R"(
def forward(self, rgb: Tensor, parts: Tensor) -> Tensor:
  return torch.zeros([rgb.size(0), 28, 4]) + 0.1
)";
constexpr char kPerceptual[] = R"(
def forward(self, x: Tensor) -> Tensor:
  return 0.1 * x.flatten(1)
)";

class GanTest : public BundleFixture {
 protected:
  void SetUp() override {
    BundleFixture::SetUp();
    manifest_["latent"] = {{"dim", kDim},
                           {"base_codes", 2},
                           {"mean", std::vector<std::vector<float>>(kCodes, std::vector<float>(kDim, 0))}};
    const nlohmann::json outputs = {{{"name", "rgb"}, {"shape", {"N", 3, kSize, kSize}}}};
    add_network("real_generator", "g.pt", kGenerator, {{"outputs", outputs}, {"inversion", {{"lr", 0.1}}}});
    add_network("inverter", "e.pt", kEncoder);
    add_network("perceptual", "p.pt", kPerceptual);
  }

  Generated generate(const Tensor& codes, CodeSpace space, const Tensor* composition = nullptr) {
    return load_generator(open_bundle().value(), "real_generator", Device{})->generate(codes, space, composition);
  }
};

Tensor counting(std::vector<int64_t> shape) {
  Tensor tensor{.shape = std::move(shape), .data = {}};
  int64_t count = 1;
  for (const int64_t size : tensor.shape) count *= size;
  for (int64_t i = 0; i < count; ++i) tensor.data.push_back(static_cast<float>(i % 997) / 1000);
  return tensor;
}

TEST_F(GanTest, GeneratesManyCodesInTheirOrder) {
  const Tensor codes = counting({19, kCodes, kDim});  // more than one batch
  const Generated generated = generate(codes, CodeSpace::automatic);
  EXPECT_EQ(generated.rgb.shape, (std::vector<int64_t>{19, 3, kSize, kSize}));
  EXPECT_EQ(generated.mask.shape, (std::vector<int64_t>{19, 13, kSize, kSize}));
  EXPECT_EQ(generated.coarse.shape, (std::vector<int64_t>{19, 13, 4, 4}));
  for (int n = 0; n < 19; ++n) {
    EXPECT_FLOAT_EQ(generated.rgb.data[(n * 3 + 1) * kSize * kSize], codes.data[(n * kCodes + 1) * kDim]) << n;
  }
}

TEST_F(GanTest, WIsRepeatedForEveryCodeAndZIsMapped) {
  const Tensor one = counting({2, kDim});
  const size_t second = 3 * kSize * kSize;  // first value of the second picture
  EXPECT_FLOAT_EQ(generate(one, CodeSpace::w).rgb.data[second], one.data[kDim]);
  EXPECT_FLOAT_EQ(generate(one, CodeSpace::automatic).rgb.data[second], one.data[kDim]);
  EXPECT_FLOAT_EQ(generate(one, CodeSpace::z).rgb.data[second], one.data[kDim] + 1);
}

TEST_F(GanTest, CompositionLeavesPartsOut) {
  const Tensor codes = counting({2, kCodes, kDim});
  Tensor composition{.shape = {13}, .data = std::vector<float>(13, 1)};
  composition.data[5] = 0;
  const Generated whole = generate(codes, CodeSpace::w_plus), part = generate(codes, CodeSpace::w_plus, &composition);
  const size_t plane = kSize * kSize;
  EXPECT_EQ(part.mask.data[5 * plane], 0);
  EXPECT_EQ(part.mask.data[(13 + 5) * plane], 0);
  EXPECT_EQ(part.mask.data[6 * plane], whole.mask.data[6 * plane]);
  composition = counting({3, 13});
  EXPECT_EQ(failure_of([&] { generate(codes, CodeSpace::w_plus, &composition); }).code, ErrorCode::usage);
}

TEST_F(GanTest, CodesThatDoNotFitAreAUsageErrorThatTellsWhatFits) {
  const std::pair<std::vector<int64_t>, CodeSpace> wrong[] = {
      {{2, kCodes, kDim + 1}, CodeSpace::automatic},
      {{2, kCodes + 1, kDim}, CodeSpace::w_plus},
      {{2, kCodes, kDim}, CodeSpace::w},
      {{2, kDim}, CodeSpace::w_plus},
      {{2, 130, kDim}, CodeSpace::expanded},
      {{kDim}, CodeSpace::automatic},
      {{1, 2, kCodes, kDim}, CodeSpace::automatic},
  };
  for (const auto& [shape, space] : wrong) {
    const Error error = failure_of([&] { generate(counting(shape), space); });
    EXPECT_EQ(error.code, ErrorCode::usage) << name_of(kCodeSpaces, space);
    EXPECT_FALSE(error.message.empty());
  }
  EXPECT_NE(failure_of([&] {
              generate(counting({2, 9, kDim}), CodeSpace::automatic);
            }).message.find("[N,28,4]"),
            std::string::npos);
}

TEST_F(GanTest, ExpandedCodesNeedAGeneratorThatHasThem) {
  manifest_["latent"]["expanded_codes"] = 78;
  EXPECT_EQ(generate(counting({1, 78, kDim}), CodeSpace::expanded).rgb.shape[0], 1);
  EXPECT_EQ(generate(counting({1, 78, kDim}), CodeSpace::automatic).rgb.shape[0], 1);
}

TEST_F(GanTest, ZNeedsAMappingNetwork) {
  add_network("real_generator", "g.pt",
              "def forward(self, c: Tensor, m: Tensor) -> Tuple[Tensor, Tensor, Tensor]:\n  return c, c, c\n");
  EXPECT_NE(failure_of([&] {
              generate(counting({1, kDim}), CodeSpace::z);
            }).message.find("no mapping"),
            std::string::npos);
}

TEST_F(GanTest, PicturesThatAreNotNumbersAreAnError) {
  Tensor codes = counting({1, kCodes, kDim});
  codes.data[0] = std::nanf("");
  EXPECT_EQ(failure_of([&] { generate(codes, CodeSpace::w_plus); }).code, ErrorCode::non_finite);
}

TEST_F(GanTest, MalformedLatentIsRefused) {
  manifest_["latent"]["mean"].erase(0);
  EXPECT_EQ(failure_of([&] {
              generate(counting({1, kCodes, kDim}), CodeSpace::w_plus);
            }).code,
            ErrorCode::model_corrupt);
  manifest_["latent"] = nullptr;
  EXPECT_EQ(failure_of([&] {
              generate(counting({1, kCodes, kDim}), CodeSpace::w_plus);
            }).code,
            ErrorCode::model_corrupt);
}

TEST_F(GanTest, LatentNumbersOutOfRangeAreRefused) {
  const nlohmann::json good = manifest_["latent"];
  const auto expect_refused = [&](const char* key, const nlohmann::json& value) {
    manifest_["latent"] = good;
    manifest_["latent"][key] = value;
    const Error error = failure_of([&] { generate(counting({1, kCodes, kDim}), CodeSpace::w_plus); });
    EXPECT_EQ(error.code, ErrorCode::model_corrupt) << key << ": " << value;
  };
  for (const nlohmann::json& value : {nlohmann::json(-1), nlohmann::json(1e18), nlohmann::json(2.5),
                                      nlohmann::json("4"), nlohmann::json(9223372036854775807)}) {
    expect_refused("dim", value);
    expect_refused("base_codes", value);
    expect_refused("expanded_codes", value);
    expect_refused("mean", value);
  }
  expect_refused("mean", std::vector<std::vector<float>>(kCodes, std::vector<float>(kDim + 1, 0)));
  expect_refused("mean", std::vector<std::vector<std::string>>(kCodes, std::vector<std::string>(kDim, "0")));
}

TEST_F(GanTest, AGeneratorOfOtherPicturesIsRefused) {
  for (const char* rgb : {"codes", "codes[:, 0, 0]", "torch.zeros([1, 3, 8, 8]).expand([codes.size(0) + 1, 3, 8, 8])",
                          "torch.zeros([codes.size(0), 1, 16, 16])", "torch.zeros([codes.size(0), 3, 0, 16])"}) {
    add_network(
        "real_generator", "g.pt",
        std::string("def forward(self, codes: Tensor, composition: Tensor) -> Tuple[Tensor, Tensor, Tensor]:\n") +
            "  rgb = " + rgb + "\n  return rgb, rgb, rgb\n",
        {{"outputs", {{{"name", "rgb"}, {"shape", {"N", 3, kSize, kSize}}}}}});
    EXPECT_EQ(failure_of([&] {
                generate(counting({2, kCodes, kDim}), CodeSpace::w_plus);
              }).code,
              ErrorCode::model_corrupt)
        << rgb;
    const auto inverter = load_inverter(open_bundle().value(), Device{});
    const InversionInput face{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(9)),
                              std::vector<cv::Mat>(kParts, cv::Mat::ones(32, 32, CV_32F))};
    for (const InversionOptions& options :
         {InversionOptions{InversionMethod::encoder}, InversionOptions{InversionMethod::optimize, 2}}) {
      EXPECT_EQ(failure_of([&] { inverter->invert(face, options); }).code, ErrorCode::model_corrupt) << rgb;
    }
  }
}

TEST_F(GanTest, AMalformedRecipeIsRefused) {
  for (const char* recipe : {"3", R"({"lr": "fast"})", R"({"lr": 0})", R"({"lr": -1})", R"({"weights": []})",
                             R"({"weights": {"pixel": null}})", R"({"mask_scale": 1e300})"}) {
    manifest_["models"]["real_generator"]["inversion"] = nlohmann::json::parse(recipe);
    const Bundle bundle = open_bundle().value();
    EXPECT_EQ(failure_of([&] { load_inverter(bundle, Device{}); }).code, ErrorCode::model_corrupt) << recipe;
  }
}

TEST(ToImage, ClampsAndScales) {
  const Tensor rgb{.shape = {2, 3, 1, 2}, .data = {0, 0, 0, 0, 0, 0, -1, 1, 0, -3, 3, 0.5f}};
  const cv::Mat image = to_image(rgb, 1);
  EXPECT_EQ(image.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 128, 255));
  EXPECT_EQ(image.at<cv::Vec3b>(0, 1), cv::Vec3b(255, 0, 191));
}

/// All of the picture is part 7.
std::vector<cv::Mat> hair_everywhere() {
  std::vector<cv::Mat> parts;
  for (int part = 0; part < kParts; ++part)
    parts.push_back(cv::Mat(kSize, kSize, CV_32F, cv::Scalar(part == 7 ? 1 : 0)));
  return parts;
}

class InverterTest : public GanTest {
 protected:
  Inversion invert(InversionMethod method, int steps) {
    const cv::Mat photo(64, 64, CV_8UC3, cv::Scalar(255, 64, 128));  // 1, -0.498, 0.004 for the networks
    return load_inverter(open_bundle().value(), Device{})->invert({photo, hair_everywhere()}, {method, steps});
  }
};

TEST_F(InverterTest, EncoderGivesItsCodesAndTheirPicture) {
  const Inversion inversion = invert(InversionMethod::encoder, 20);
  EXPECT_EQ(inversion.codes.shape, (std::vector<int64_t>{1, kCodes, kDim}));
  for (const float value : inversion.codes.data) EXPECT_FLOAT_EQ(value, 0.1f);
  EXPECT_EQ(inversion.steps, 0);
  EXPECT_EQ(inversion.image.at<cv::Vec3b>(3, 3), cv::Vec3b(140, 140, 140));
  EXPECT_NEAR(inversion.loss, (0.9 + 0.598 + 0.096) / 3 / 2, 2e-3);
}

TEST_F(InverterTest, OptimisationFindsTheColourAndThePart) {
  const Inversion inversion = invert(InversionMethod::optimize, 60);
  EXPECT_LT(inversion.loss, 0.03);
  const cv::Vec3b colour = inversion.image.at<cv::Vec3b>(8, 8);
  EXPECT_NEAR(colour[0], 255, 16);
  EXPECT_NEAR(colour[1], 64, 16);
  EXPECT_NEAR(colour[2], 128, 16);
  const auto mask_of = [&](int part) { return inversion.codes.data[(2 + part) * kDim + 1]; };
  for (int part = 0; part < kParts; ++part) {
    if (part != 7) {
      EXPECT_GT(mask_of(7), mask_of(part) + 0.5f) << part;
    }
  }
}

TEST_F(InverterTest, NoStepsIsTheEncoderAndMoreStepsAreNoWorse) {
  const Inversion encoder = invert(InversionMethod::encoder, 0), none = invert(InversionMethod::optimize, 0),
                  few = invert(InversionMethod::optimize, 5), more = invert(InversionMethod::optimize, 40);
  EXPECT_EQ(none.codes.data, encoder.codes.data);
  EXPECT_LT(few.loss, encoder.loss);
  EXPECT_LT(more.loss, few.loss);
  EXPECT_EQ(invert(InversionMethod::optimize, 5).codes.data, few.codes.data);  // the same photo, the same codes
}

TEST_F(InverterTest, FacesInABatchGoTheirOwnWay) {
  std::vector<InversionInput> faces;
  for (const cv::Scalar& colour : {cv::Scalar(255, 64, 128), cv::Scalar(20, 200, 90), cv::Scalar(128, 128, 128)}) {
    faces.push_back({cv::Mat(64, 64, CV_8UC3, colour), hair_everywhere()});
  }
  const auto inverter = load_inverter(open_bundle().value(), Device{});
  for (const InversionOptions& options :
       {InversionOptions{InversionMethod::encoder}, InversionOptions{InversionMethod::optimize, 12},
        InversionOptions{InversionMethod::optimize, 12, InversionRecipe::official}}) {
    const auto together = inverter->invert_batch(faces, options);
    ASSERT_EQ(together.size(), faces.size());
    for (size_t i = 0; i < faces.size(); ++i) {
      const Inversion alone = inverter->invert(faces[i], options), &other = together[i].value();
      EXPECT_NEAR(alone.loss, other.loss, 1e-5);
      ASSERT_EQ(alone.codes.shape, other.codes.shape);
      for (size_t k = 0; k < alone.codes.data.size(); ++k) {
        EXPECT_NEAR(alone.codes.data[k], other.codes.data[k], 1e-4)
            << name_of(kInversionRecipes, options.recipe) << ", face " << i << ", value " << k;
      }
    }
  }
  EXPECT_TRUE(inverter->invert_batch({}, {}).empty());
}

TEST_F(InverterTest, TheOfficialRecipeStartsAtTheMeanAndComesNearer) {
  const cv::Mat photo(64, 64, CV_8UC3, cv::Scalar(255, 64, 128));
  const auto inverter = load_inverter(open_bundle().value(), Device{});
  const auto loss = [&](int steps) {
    return inverter->invert({photo, hair_everywhere()}, {InversionMethod::optimize, steps, InversionRecipe::official})
        .loss;
  };
  const Inversion start =
      inverter->invert({photo, hair_everywhere()}, {InversionMethod::optimize, 1, InversionRecipe::official});
  const Inversion encoder = invert(InversionMethod::encoder, 0);
  EXPECT_NE(start.codes.data, encoder.codes.data) << "the encoder has no say";
  EXPECT_LT(loss(100), start.loss);
  EXPECT_EQ(failure_of([&] {
              inverter->invert({photo, hair_everywhere()}, {InversionMethod::none});
            }).code,
            ErrorCode::usage);
}

TEST_F(InverterTest, AnEncoderForOtherCodesIsRefused) {
  add_network("inverter", "e.pt", "def forward(self, rgb: Tensor, parts: Tensor) -> Tensor:\n  return rgb\n");
  const Error error = failure_of([&] { invert(InversionMethod::encoder, 0); });
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_NE(error.message.find("e.pt"), std::string::npos);
}

}  // namespace
}  // namespace swiftavatar
