#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "estimate/helpers.h"
#include "estimate/lab.h"
#include "swiftavatar/estimate.h"

namespace swiftavatar {
namespace {

using testing::difference;

const cv::Vec3b kSkin(205, 155, 125), kHair(90, 60, 40), kLips(180, 85, 85), kIris(95, 65, 35), kBrow(70, 48, 35),
    kShirt(40, 70, 150), kWhite(235, 228, 222), kWall(150, 150, 150);

/// An aligned crop with its parts, painted part over part.
class Scene {
 public:
  Scene() : image_(256, 256, CV_8UC3, cv::Scalar(kWall)) {
    for (int part = 0; part < kParts; ++part) parts_.push_back(cv::Mat::zeros(256, 256, CV_32F));
    parts_[0].setTo(1);
    paint(Part::hair, ellipse({128, 95}, {88, 85}), kHair);
    paint(Part::skin, ellipse({128, 135}, {62, 78}), kSkin);
    paint(Part::nose, ellipse({128, 140}, {10, 20}), kSkin);
    for (const int x : {100, 156}) {
      paint(Part::brow, box({x - 18, 94, 36, 8}), kBrow);
      paint(Part::eye, ellipse({x, 115}, {16, 9}), kWhite);
      tint(ellipse({x, 115}, {7, 7}), kIris);
      tint(ellipse({x, 115}, {2, 2}), {10, 10, 10});
    }
    paint(Part::mouth, ellipse({128, 178}, {24, 10}), kLips);
    paint(Part::cloth, box({20, 222, 216, 34}), kShirt);
  }

  static cv::Mat ellipse(cv::Point center, cv::Size axes) {
    cv::Mat mask = cv::Mat::zeros(256, 256, CV_8U);
    cv::ellipse(mask, center, axes, 0, 0, 360, cv::Scalar(255), cv::FILLED);
    return mask;
  }
  static cv::Mat box(const cv::Rect& rect) {
    cv::Mat mask = cv::Mat::zeros(256, 256, CV_8U);
    mask(rect).setTo(255);
    return mask;
  }

  Scene& paint(Part part, const cv::Mat& where, const cv::Vec3b& color) {
    for (cv::Mat& plane : parts_) plane.setTo(0, where);
    parts_[static_cast<size_t>(part)].setTo(1, where);
    return tint(where, color);
  }
  /// Changes pixels, and not what they belong to.
  Scene& tint(const cv::Mat& where, const cv::Vec3b& color) {
    image_.setTo(cv::Scalar(color), where);
    return *this;
  }
  /// Multiplies linear light, as a shadow or a coloured lamp does.
  Scene& light(const cv::Mat& where, const cv::Vec3d& gain) {
    for (int y = 0; y < 256; ++y) {
      for (int x = 0; x < 256; ++x) {
        if (where.at<uchar>(y, x)) image_.at<cv::Vec3b>(y, x) = lit(image_.at<cv::Vec3b>(y, x), gain);
      }
    }
    return *this;
  }
  static cv::Vec3b lit(cv::Vec3b rgb, const cv::Vec3d& gain) {
    for (int i = 0; i < 3; ++i) rgb[i] = cv::saturate_cast<uchar>(from_linear(to_linear(rgb[i]) * gain[i]));
    return rgb;
  }
  Scene& noise(const cv::Mat& where, double sigma) {
    cv::Mat noise(256, 256, CV_16SC3), noisy;
    cv::RNG(1).fill(noise, cv::RNG::NORMAL, 0, sigma);
    cv::add(image_, noise, noisy, cv::noArray(), CV_8UC3);
    noisy.copyTo(image_, where);
    return *this;
  }
  /// The part is not seen: its pixels count as background.
  Scene& hide(Part part) {
    parts_[0].setTo(1, parts_[static_cast<size_t>(part)] > 0.5);
    parts_[static_cast<size_t>(part)].setTo(0);
    return *this;
  }

  FaceColors measure() const { return measure_colors(image_, parts_); }
  FaceColors measure_with(const std::vector<cv::Point2f>& mesh) const { return measure_colors(image_, parts_, mesh); }
  /// With a mesh whose irises are those that were painted, `aside` pixels from the eyes' middles.
  FaceColors measure_by_mesh(int aside = 0) const {
    std::vector<cv::Point2f> mesh(478, {0.5f, 0.5f});
    const auto place = [&](int point, double x, double y) { mesh[point] = cv::Point2f(x, y) / 256; };
    const int rims[2][5] = {{468, 469, 470, 471, 472}, {473, 474, 475, 476, 477}};
    const int lids[2][16] = {{33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246},
                             {263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466}};
    for (int eye = 0; eye < 2; ++eye) {
      const double x = eye ? 156.5 : 100.5, y = 115.5;
      place(rims[eye][0], x + aside, y);
      for (int i = 0; i < 4; ++i)
        place(rims[eye][1 + i], x + aside + 7.5 * std::cos(i * CV_PI / 2), y + 7.5 * std::sin(i * CV_PI / 2));
      for (int i = 0; i < 16; ++i)
        place(lids[eye][i], x - 15 * std::cos(i * CV_PI / 8), y + 8 * std::sin(i * CV_PI / 8));
    }
    return measure_with(mesh);
  }
  Scene& iris(const cv::Vec3b& color, int aside = 0) {
    for (const int x : {100 + aside, 156 + aside}) {
      tint(ellipse({x, 115}, {7, 7}), color).tint(ellipse({x, 115}, {2, 2}), {10, 10, 10});
    }
    return *this;
  }
  cv::Mat& image() { return image_; }
  std::vector<cv::Mat>& parts() { return parts_; }

 private:
  cv::Mat image_;
  std::vector<cv::Mat> parts_;
};

cv::Mat everywhere() { return cv::Mat(256, 256, CV_8U, cv::Scalar(255)); }

TEST(MeasureColors, ABeardHasTheColourOfTheChinsLeastSkinlikeThird) {
  std::vector<cv::Point2f> mesh(478, {0.5f, 0.5f});
  constexpr int kChin[] = {18, 83, 182, 194, 211, 170, 148, 152, 377, 395, 431, 418, 406, 313};
  for (int i = 0; i < 14; ++i) {
    mesh[kChin[i]] = cv::Point2f(128 + 20 * std::sin(i * CV_PI / 7), 200 - 8 * std::cos(i * CV_PI / 7)) / 256;
  }
  EXPECT_FALSE(Scene().measure().roles.contains("facial_hair")) << "without a mesh";
  for (const cv::Vec3b& beard : {cv::Vec3b(60, 45, 35), cv::Vec3b(225, 222, 220)}) {
    Scene scene;
    scene.tint(Scene::box({100, 190, 56, 10}), beard);  // stubble lets the skin show below
    EXPECT_LT(difference(scene.measure_with(mesh).roles.at("facial_hair").rgb, beard), 4) << to_hex(beard);
  }
}

TEST(MeasureColors, PlainLightShowsEveryPartInItsColour) {
  const FaceColors colors = Scene().measure();
  EXPECT_FALSE(colors.monochrome);
  const std::map<std::string, cv::Vec3b> wanted = {{"skin", kSkin},    {"hair", kHair},  {"lips", kLips},
                                                   {"eyes", kIris},    {"brows", kBrow}, {"clothes", kShirt},
                                                   {"headwear", kHair}};  // what may be an overlooked hat
  ASSERT_EQ(colors.roles.size(), wanted.size());
  for (const auto& [role, color] : wanted) {
    EXPECT_LT(difference(colors.roles.at(role).rgb, color), 3) << role << " " << to_hex(colors.roles.at(role).rgb);
    EXPECT_GT(colors.roles.at(role).confidence, 0.1) << role;
    EXPECT_LE(colors.roles.at(role).confidence, 1) << role;
  }
}

TEST(MeasureColors, AShadowOverPartOfTheFaceDoesNotDarkenIt) {
  const cv::Vec3b plain = Scene().measure().roles.at("skin").rgb;
  const cv::Vec3b shaded =
      Scene().light(Scene::box({0, 0, 90, 256}), {0.35, 0.35, 0.35}).measure().roles.at("skin").rgb;
  EXPECT_LT(difference(plain, shaded), 1.5);
}

TEST(MeasureColors, GlossOnTheNoseDoesNotBrightenIt) {
  const cv::Vec3b plain = Scene().measure().roles.at("skin").rgb;
  const cv::Vec3b glossy =
      Scene().tint(Scene::ellipse({128, 140}, {10, 14}), {255, 255, 255}).measure().roles.at("skin").rgb;
  EXPECT_LT(difference(plain, glossy), 1.5);
}

TEST(MeasureColors, ABeardThatTheParserTakesForSkinDoesNotColourIt) {
  const cv::Vec3b plain = Scene().measure().roles.at("skin").rgb;
  for (const cv::Vec3b& beard : {cv::Vec3b(50, 35, 28), cv::Vec3b(228, 226, 224)}) {
    const cv::Vec3b bearded = Scene().tint(Scene::box({70, 190, 116, 24}), beard).measure().roles.at("skin").rgb;
    EXPECT_LT(difference(plain, bearded), 0.5) << beard;
  }
}

TEST(MeasureColors, ColouredLightIsPartlyTakenOut) {
  for (const cv::Vec3d& lamp : {cv::Vec3d(1.1, 0.9, 0.6), cv::Vec3d(0.75, 0.9, 1.15)}) {
    const FaceColors colors = Scene().light(everywhere(), lamp).measure();
    for (const auto& [role, truth] :
         std::map<std::string, cv::Vec3b>{{"skin", kSkin}, {"hair", kHair}, {"clothes", kShirt}}) {
      const cv::Vec3b seen = Scene::lit(truth, lamp);
      EXPECT_LT(difference(colors.roles.at(role).rgb, truth), 0.8 * difference(seen, truth)) << role << " " << lamp;
    }
  }
}

TEST(MeasureColors, TheCastSaysHowColouredTheLightIs) {
  const double plain = Scene().measure().cast, warm = Scene().light(everywhere(), {1.1, 0.9, 0.6}).measure().cast;
  EXPECT_LT(plain, 0.2);
  EXPECT_GT(warm, plain + 0.1);
  for (const cv::Vec3d& lamp : {cv::Vec3d(1.1, 0.5, 0.2), cv::Vec3d(0.3, 0.6, 1.3)}) {
    EXPECT_GT(Scene().light(everywhere(), lamp).measure().cast, std::max(warm, 0.6)) << lamp;
  }
  EXPECT_NEAR(Scene().light(everywhere(), {0.4, 0.4, 0.4}).measure().cast, plain, 0.05) << "dark is not coloured";
}

TEST(MeasureColors, CorrectingTheLightKeepsTheBrightness) {
  const cv::Vec3d lamp(1.1, 0.9, 0.6);
  const cv::Vec3b skin = Scene().light(everywhere(), lamp).measure().roles.at("skin").rgb;
  EXPECT_NEAR(to_lab(skin)[0], to_lab(Scene::lit(kSkin, lamp))[0], 1);
}

TEST(MeasureColors, ABlackAndWhitePhotoHasNoColours) {
  for (const bool tinted : {false, true}) {
    Scene scene;
    cv::Mat grey;
    cv::cvtColor(scene.image(), grey, cv::COLOR_RGB2GRAY);
    cv::cvtColor(grey, scene.image(), cv::COLOR_GRAY2RGB);
    if (tinted) scene.image() += cv::Scalar(2, 0, 0);  // what JPEG makes of grey
    const FaceColors colors = scene.measure();
    EXPECT_TRUE(colors.monochrome);
    EXPECT_TRUE(colors.roles.empty());
  }
}

TEST(MeasureColors, ADarkPhotoKeepsItsColours) {
  for (const double brightness : {0.25, 0.12, 0.06}) {
    Scene scene;
    scene.image().convertTo(scene.image(), -1, brightness);
    EXPECT_FALSE(scene.measure().monochrome) << brightness;
    Scene grey;
    cv::Mat plane;
    cv::cvtColor(grey.image(), plane, cv::COLOR_RGB2GRAY);
    cv::cvtColor(plane, grey.image(), cv::COLOR_GRAY2RGB);
    grey.image().convertTo(grey.image(), -1, brightness);
    grey.image() += cv::Scalar(2, 0, 0);
    EXPECT_TRUE(grey.measure().monochrome) << brightness << ", tinted";
  }
}

TEST(MeasureColors, PartsThatAreNotSeenAreAbsent) {
  const std::map<std::string, Part> parts = {{"hair", Part::hair},
                                             {"eyes", Part::eye},
                                             {"lips", Part::mouth},
                                             {"brows", Part::brow},
                                             {"clothes", Part::cloth}};
  for (const auto& [role, part] : parts) {
    const FaceColors colors = Scene().hide(part).measure();
    EXPECT_FALSE(colors.roles.contains(role)) << role;
    EXPECT_EQ(colors.roles.size(), role == "hair" ? 5u : 6u) << role;  // hair may be a hat
  }
}

TEST(MeasureColors, ACropWithoutAnyPartHasNoColours) {
  Scene scene;
  for (cv::Mat& plane : scene.parts()) plane.setTo(0);
  const FaceColors colors = scene.measure();
  EXPECT_TRUE(colors.roles.empty());
  EXPECT_FALSE(colors.monochrome);
}

TEST(MeasureColors, AHatHasItsOwnColour) {
  const FaceColors colors = Scene().paint(Part::hat, Scene::box({60, 10, 136, 40}), {150, 40, 40}).measure();
  ASSERT_TRUE(colors.roles.contains("headwear"));
  EXPECT_LT(difference(colors.roles.at("headwear").rgb, {150, 40, 40}), 3);
}

TEST(MeasureColors, BlueAndBrownIrisesAreToldApartInAnyLight) {
  const cv::Vec3b blue(105, 125, 145), grey(110, 118, 120);
  for (const cv::Vec3d& gain : {cv::Vec3d(1, 1, 1), cv::Vec3d(1.1, 0.95, 0.75), cv::Vec3d(0.4, 0.4, 0.4)}) {
    for (const cv::Vec3b& light : {blue, grey}) {
      const FaceColors colors = Scene().iris(light).light(everywhere(), gain).measure_by_mesh();
      EXPECT_GT(colors.light_irises.value(), 0) << light << gain;
    }
    EXPECT_LT(Scene().light(everywhere(), gain).measure_by_mesh().light_irises.value(), 0) << gain;
  }
}

TEST(MeasureColors, AnIrisIsMeasuredWhereTheMeshHasIt) {
  const cv::Vec3b blue(105, 125, 145);
  Scene scene;
  for (const int x : {100, 156}) scene.tint(Scene::ellipse({x, 115}, {16, 9}), kWhite);
  scene.iris(blue, 8);  // looking aside: the middle of the eye is half white
  EXPECT_LT(difference(scene.measure_by_mesh(8).roles.at("eyes").rgb, blue), 4);
  EXPECT_GT(difference(scene.measure().roles.at("eyes").rgb, blue), 4);
  EXPECT_FALSE(scene.measure().light_irises) << "without a mesh nothing is said";
}

TEST(MeasureColors, IrisesBehindDarkGlassAreNotMeasuredAndABrokenMeshIsNoMesh) {
  EXPECT_FALSE(Scene().hide(Part::eye).measure_by_mesh().roles.contains("eyes"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const cv::Point2f& point : {cv::Point2f(nan, nan), cv::Point2f(-5, 7)}) {
    const FaceColors colors = Scene().measure_with(std::vector<cv::Point2f>(478, point));
    EXPECT_FALSE(colors.light_irises);
    EXPECT_LT(difference(colors.roles.at("eyes").rgb, kIris), 3);
  }
}

TEST(MeasureColors, LipsAreNotTeeth) {
  const cv::Vec3b plain = Scene().measure().roles.at("lips").rgb;
  const FaceColors colors = Scene().tint(Scene::box({110, 175, 36, 5}), {240, 235, 220}).measure();
  EXPECT_LT(difference(colors.roles.at("lips").rgb, plain), 2);
}

TEST(MeasureColors, TheShirtWinsOverTheTie) {
  const FaceColors colors = Scene().tint(Scene::box({105, 222, 46, 34}), {190, 30, 30}).measure();
  EXPECT_LT(difference(colors.roles.at("clothes").rgb, kShirt), 3);
}

TEST(MeasureColors, AnUnevenPartIsLessSure) {
  const double even = Scene().measure().roles.at("clothes").confidence;
  EXPECT_GT(even, 0.9);
  EXPECT_LT(Scene().noise(Scene::box({20, 222, 216, 34}), 25).measure().roles.at("clothes").confidence, 0.8 * even);
}

TEST(MeasureColors, ALittleOfAPartIsLessSureThanALotOfIt) {
  Scene scene;
  scene.hide(Part::cloth).paint(Part::cloth, Scene::box({20, 236, 40, 20}), kShirt);
  const FaceColors colors = scene.measure();
  ASSERT_TRUE(colors.roles.contains("clothes"));
  EXPECT_LT(colors.roles.at("clothes").confidence, 0.9 * Scene().measure().roles.at("clothes").confidence);
}

TEST(MeasureColors, CropAndPartsMayHaveOtherSizes) {
  Scene scene;
  cv::Mat large;
  cv::resize(scene.image(), large, {512, 512}, 0, 0, cv::INTER_CUBIC);
  std::vector<cv::Mat> small;
  for (const cv::Mat& plane : scene.parts()) cv::resize(plane, small.emplace_back(), {128, 128}, 0, 0, cv::INTER_AREA);
  const FaceColors wanted = scene.measure(), colors = measure_colors(large, small);
  ASSERT_EQ(colors.roles.size(), wanted.roles.size());
  for (const auto& [role, color] : wanted.roles) EXPECT_LT(difference(colors.roles.at(role).rgb, color.rgb), 3) << role;
}

}  // namespace
}  // namespace swiftavatar
