#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

/// A mesh of scattered points; the measures look at some of them only.
std::vector<cv::Point2f> some_mesh() {
  std::vector<cv::Point2f> mesh;
  for (int i = 0; i < kMeshPoints; ++i) mesh.emplace_back(100 + 80 * std::sin(i * 1.7f), 120 + 90 * std::cos(i * 2.3f));
  return mesh;
}

TEST(Measure, GivesSharesOfTheFacesHeightAndWidth) {
  std::vector<cv::Point2f> mesh = some_mesh();
  mesh[234] = {0, 50};
  mesh[454] = {120, 50};  // face width 120
  mesh[10] = {60, 0};
  mesh[152] = {60, 150};  // face height 150
  mesh[9] = {60, 30};
  mesh[168] = {60, 50};
  mesh[2] = {60, 95};
  mesh[133] = {45, 50};
  mesh[362] = {75, 50};
  mesh[33] = {21, 50};
  mesh[263] = {99, 50};
  mesh[61] = {40, 120};
  mesh[291] = {80, 120};
  mesh[0] = {60, 114};
  mesh[13] = {60, 119};
  mesh[14] = {60, 124};
  mesh[17] = {60, 132};
  for (const int point : {63, 105, 66, 293, 334, 296}) mesh[point] = {30, 30};
  for (const int point : {53, 52, 65, 283, 282, 295}) mesh[point] = {30, 35};
  const auto measures = measure_face(mesh);
  EXPECT_EQ(measures.size(), 14U);
  EXPECT_NEAR(measures.at("face_width"), 120.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("forehead_height"), 30.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("nose_length"), 45.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("eye_spacing"), 30.0 / 120, 1e-6);
  EXPECT_NEAR(measures.at("eye_size"), 24.0 / 120, 1e-6);
  EXPECT_NEAR(measures.at("eye_height"), 100.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("mouth_height"), 30.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("chin_length"), 18.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("lip_fullness"), 13.0 / 150, 1e-6);
  EXPECT_NEAR(measures.at("brow_thickness"), 5.0 / 150, 1e-6);
}

TEST(Measure, EarsAreAsTallAsTheTallerOneThatIsSeen) {
  std::vector<cv::Point2f> mesh(kMeshPoints);
  mesh[10] = {0.5F, 0.2F};
  mesh[152] = {0.5F, 0.7F};  // 50 pixels of 100
  cv::Mat ears(100, 100, CV_32F, cv::Scalar(0));
  EXPECT_EQ(measure_ears(ears, mesh), std::nullopt);
  ears(cv::Rect(20, 40, 6, 8)) = 1;  // the hair's edge leaves a lobe
  EXPECT_EQ(measure_ears(ears, mesh), std::nullopt);
  ears(cv::Rect(75, 35, 6, 16)) = 1;
  EXPECT_NEAR(measure_ears(ears, mesh).value(), 15.0 / 50, 1e-6);
}

TEST(Measure, DoesNotChangeUnderASimilarity) {
  const std::vector<cv::Point2f> mesh = some_mesh();
  const auto moved = transform_points(mesh, {1.2, -0.9, 30, 0.9, 1.2, -200});
  const auto before = measure_face(mesh), after = measure_face(moved);
  for (const auto& [name, value] : before) EXPECT_NEAR(value, after.at(name), 1e-4) << name;
}

TEST(Measure, TiltsAreThoseOfBothSidesWhateverTheHeadDoes) {
  std::vector<cv::Point2f> mesh = some_mesh();
  for (const auto& [outer, inner, rise] : {std::tuple(33, 133, 3.0F), std::tuple(70, 107, -4.0F)}) {
    mesh[outer] = {10, 50 - rise};
    mesh[inner] = {40, 50};
  }
  for (const auto& [outer, inner, rise] : {std::tuple(263, 362, 3.0F), std::tuple(300, 336, -4.0F)}) {
    mesh[outer] = {110, 50 - rise};
    mesh[inner] = {80, 50};
  }
  const double eye = std::atan(0.1) * 180 / M_PI, brow = -std::atan(4.0 / 30) * 180 / M_PI;
  EXPECT_NEAR(measure_tilts(mesh).at("eye_tilt"), eye, 1e-3);
  EXPECT_NEAR(measure_tilts(mesh).at("brow_tilt"), brow, 1e-3);
  const auto turned = transform_points(mesh, {std::cos(0.2), -std::sin(0.2), 5, std::sin(0.2), std::cos(0.2), -9});
  EXPECT_NEAR(measure_tilts(turned).at("eye_tilt"), eye, 1e-3);
  EXPECT_NEAR(measure_tilts(turned).at("brow_tilt"), brow, 1e-3);
}

/// A flat face turned about its vertical axis; depth flattened as the mesh network gives it.
std::vector<cv::Point3f> turned_mesh(double degrees) {
  std::vector<cv::Point3f> mesh(468);
  const double angle = degrees * M_PI / 180;
  constexpr int kLeft[] = {33, 133, 61, 234, 127, 132, 58, 172, 93, 50, 205, 129};
  constexpr int kRight[] = {263, 362, 291, 454, 356, 361, 288, 397, 323, 280, 425, 358};
  for (int i = 0; i < 12; ++i) {
    const double half = 20 + 3 * i;
    const float x = static_cast<float>(half * std::cos(angle)), z = static_cast<float>(half * std::sin(angle) / 1.3);
    mesh[kLeft[i]] = {-x, 10.0f * i, -z};
    mesh[kRight[i]] = {x, 10.0f * i, z};
  }
  return mesh;
}

TEST(Yaw, IsPositiveToThePhotosRight) {
  for (const double degrees : {-40.0, -10.0, 0.0, 5.0, 35.0})
    EXPECT_NEAR(face_yaw(turned_mesh(degrees)), degrees, 0.01);
}

TEST(Face, KnowsByHowManyQuartersItIsTurned) {
  for (const auto& [degrees, quarters] :
       {std::pair{0, 0}, {55, 0}, {-55, 0}, {65, 1}, {115, 1}, {125, 2}, {-125, 2}, {180, 2}, {-90, 3}}) {
    Face face;
    face.mesh = some_mesh();
    const double angle = degrees * std::acos(-1.0) / 180;
    face.mesh[33] = {50, 60};
    face.mesh[263] = face.mesh[33] + cv::Point2f(cv::Point2d(30 * std::cos(angle), 30 * std::sin(angle)));
    EXPECT_EQ(face.quarter_turns(), quarters) << degrees;
  }
}

}  // namespace
}  // namespace swiftavatar
