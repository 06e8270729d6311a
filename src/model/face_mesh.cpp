#include "model/face_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "face/eye_points.h"
#include "model/batches.h"

namespace swiftavatar {

namespace {

constexpr int kFaceMeshPoints = 468;  // of the mesh network; the iris network gives the other ten
constexpr int kMeshSize = 192;
constexpr float kMeshMargin = 1.5f;  // of the square around the face, as the network was trained

constexpr float kClearlyBetter = 6;  // the logit of another turn than BlazeFace's

constexpr int kIrisSize = 64;
constexpr float kIrisMargin = 2.3f;  // times the distance of the eye's corners
constexpr int kIrisPoints = 5;
constexpr int kEyeValues = 71 * 3;

/// Points of a crop, x at even and y at odd places of each triple, as points of the photo.
std::vector<cv::Point2f> photo_points(const float* values, int count, const cv::Matx23d& photo_to_crop) {
  cv::Matx23d crop_to_photo;
  cv::invertAffineTransform(photo_to_crop, crop_to_photo);
  std::vector<cv::Point2f> points;
  points.reserve(count);
  for (int i = 0; i < count; ++i) points.emplace_back(values[3 * i], values[3 * i + 1]);
  return transform_points(points, crop_to_photo);
}

float line_angle(const cv::Point2f& from, const cv::Point2f& to) { return std::atan2(to.y - from.y, to.x - from.x); }

cv::Rect2f bounds(const std::vector<cv::Point2f>& points) {
  const auto [left, right] =
      std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const auto [top, bottom] =
      std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  return {{left->x, top->y}, cv::Point2f{right->x, bottom->y}};
}

bool usable(const Square& square) { return square.side >= 1 && std::isfinite(square.angle); }

}  // namespace

FaceMesh::FaceMesh(const Bundle& bundle, const Device& device)
    : mesh_(bundle, "mesh", device, Use::forward_only), iris_(bundle, "iris", device, Use::forward_only) {}

/// What the mesh network says of a square.
struct FaceMesh::Fit {
  std::vector<cv::Point2f> mesh;  ///< in pixels of the photo
  std::vector<cv::Point3f> deep;  ///< in pixels of the square
  float logit = -INFINITY;        ///< of the face flag

  /// The square about the face as it is now known.
  Square square() const { return enclosing_square(mesh, line_angle(mesh[33], mesh[263]), kMeshMargin); }
};

std::vector<FaceMesh::Fit> FaceMesh::look(const cv::Mat& rgb, const std::vector<Square>& squares) const {
  std::vector<Fit> fits(squares.size());
  in_batches(mesh_.device(), squares.size(), [&](size_t first, size_t count) {
    std::vector<cv::Mat> crops;
    for (size_t i = first; i < first + count; ++i) {
      crops.push_back(sample_square(rgb, squares[i], kMeshSize, cv::BORDER_REPLICATE));
    }
    const auto outputs = mesh_.run({image_tensor(crops, 0, 1, mesh_.device())}, 2);
    const Tensor points = from_torch(outputs[0]), flags = from_torch(outputs[1]);
    if (points.data.size() != count * 3 * kFaceMeshPoints || flags.data.size() != count) {
      mesh_.refuse("is not the face mesh that this program knows");
    }
    for (size_t i = 0; i < count; ++i) {
      const float* const values = points.data.data() + i * 3 * kFaceMeshPoints;
      Fit& fit = fits[first + i];
      fit.mesh = photo_points(values, kFaceMeshPoints, squares[first + i].transform(kMeshSize));
      for (int k = 0; k < kFaceMeshPoints; ++k) {
        fit.deep.emplace_back(values[3 * k], values[3 * k + 1], values[3 * k + 2]);
      }
      fit.logit = flags.data[i];
    }
  });
  return fits;
}

/// A face on its head is seen as an upright one with a beard, only less surely: takes the best of four turns.
void FaceMesh::turn_unsure(const cv::Mat& rgb, const std::vector<Square>& squares, std::vector<Fit>& fits) const {
  constexpr size_t kOthers = 3;
  std::vector<Square> turned;
  std::vector<size_t> unsure;
  for (size_t i = 0; i < fits.size(); ++i) {
    if (fits[i].logit >= kSureFace) continue;
    unsure.push_back(i);
    for (size_t quarters = 1; quarters <= kOthers; ++quarters) {
      turned.push_back(squares[i]);
      turned.back().angle += static_cast<float>(static_cast<double>(quarters) * std::numbers::pi / 2);
    }
  }
  std::vector<Fit> others = look(rgb, turned);
  for (size_t i = 0; i < unsure.size(); ++i) {
    const auto first = others.begin() + static_cast<std::ptrdiff_t>(kOthers * i);
    const auto best =
        std::max_element(first, first + kOthers, [](const Fit& a, const Fit& b) { return a.logit < b.logit; });
    if (best->logit > fits[unsure[i]].logit + kClearlyBetter) fits[unsure[i]] = std::move(*best);
  }
}

std::vector<std::optional<MeshedFace>> FaceMesh::fit(const cv::Mat& rgb, const std::vector<Square>& squares) const {
  std::vector<Square> seen;
  std::vector<size_t> place;  // of each of them in `squares`
  for (size_t i = 0; i < squares.size(); ++i) {
    Square square = squares[i];
    square.side *= kMeshMargin;
    if (!usable(square)) continue;
    seen.push_back(square);
    place.push_back(i);
  }
  std::vector<Fit> fits = look(rgb, seen);
  turn_unsure(rgb, seen, fits);

  // The second look is at a square made from the first one's points.
  std::vector<Square> closer;
  std::vector<size_t> place_of_closer;
  for (size_t i = 0; i < fits.size(); ++i) {
    const Square square = fits[i].square();
    if (!usable(square)) continue;
    closer.push_back(square);
    place_of_closer.push_back(place[i]);
  }
  fits = look(rgb, closer);

  std::vector<std::optional<MeshedFace>> faces(squares.size());
  std::vector<std::vector<cv::Point2f>*> meshes;
  for (size_t i = 0; i < fits.size(); ++i) {
    if (!(fits[i].logit > 0)) continue;
    auto& [face, logit] = faces[place_of_closer[i]].emplace();
    logit = fits[i].logit;
    face.score = 1 / (1 + std::exp(-logit));
    face.yaw = face_yaw(fits[i].deep);
    face.box = bounds(fits[i].mesh);
    face.mesh = std::move(fits[i].mesh);
    meshes.push_back(&face.mesh);
  }
  add_irises(rgb, meshes);
  return faces;
}

/// Appends the iris points and replaces the eyes' outlines by the iris network's, which are twice as exact.
void FaceMesh::add_irises(const cv::Mat& rgb, const std::vector<std::vector<cv::Point2f>*>& meshes) const {
  in_batches(iris_.device(), meshes.size(), [&](size_t first, size_t faces) {
    const size_t count = faces * kEyePoints.size();
    std::vector<Square> squares;
    std::vector<cv::Mat> crops;
    for (size_t i = 0; i < count; ++i) {
      const std::vector<cv::Point2f>& mesh = *meshes[first + i / kEyePoints.size()];
      const EyePoints& eye = kEyePoints[i % kEyePoints.size()];
      const cv::Point2f outer = mesh[eye.outer], inner = mesh[eye.inner];
      const auto& [left, right] = eye.mirrored ? std::pair{inner, outer} : std::pair{outer, inner};
      squares.push_back({.centre = (outer + inner) / 2,
                         .side = std::max(1.0f, kIrisMargin * static_cast<float>(cv::norm(outer - inner))),
                         .angle = line_angle(left, right)});
      cv::Mat crop = sample_square(rgb, squares.back(), kIrisSize, cv::BORDER_REPLICATE);
      if (eye.mirrored) cv::flip(crop, crop, 1);
      crops.push_back(crop);
    }
    const auto outputs = iris_.run({image_tensor(crops, 0, 1, iris_.device())}, 2);
    Tensor outlines = from_torch(outputs[0]), irises = from_torch(outputs[1]);
    if (outlines.data.size() != count * kEyeValues || irises.data.size() != count * 3 * kIrisPoints) {
      iris_.refuse("is not the iris network that this program knows");
    }
    for (size_t i = 0; i < count; ++i) {
      std::vector<cv::Point2f>& mesh = *meshes[first + i / kEyePoints.size()];
      const EyePoints& eye = kEyePoints[i % kEyePoints.size()];
      mesh.resize(kMeshPoints);
      const cv::Matx23d transform = squares[i].transform(kIrisSize);
      float* const outline = outlines.data.data() + i * kEyeValues;
      float* const iris = irises.data.data() + i * 3 * kIrisPoints;
      if (eye.mirrored) {
        for (int k = 0; k < kEyeValues; k += 3) outline[k] = kIrisSize - outline[k];
        for (int k = 0; k < 3 * kIrisPoints; k += 3) iris[k] = kIrisSize - iris[k];
      }
      const auto outline_points = photo_points(outline, static_cast<int>(eye.outline.size()), transform);
      const auto iris_points = photo_points(iris, kIrisPoints, transform);
      for (size_t k = 0; k < outline_points.size(); ++k) mesh[eye.outline[k]] = outline_points[k];
      for (size_t k = 0; k < iris_points.size(); ++k) mesh[eye.iris[k]] = iris_points[k];
    }
  });
}

}  // namespace swiftavatar
