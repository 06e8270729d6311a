#pragma once
// Faces in a photo: detection result, landmarks, the aligned crop, and measures of its proportions.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// Number of mesh points: 468 of the face mesh, then 5 of the left-image iris and 5 of the right-image iris.
inline constexpr int kMeshPoints = 478;

/// One face, in pixels of the photo as it was decoded.
struct Face {
  cv::Rect2f box;
  float score = 0;                ///< the mesh's face flag, 0..1
  std::vector<cv::Point2f> mesh;  ///< kMeshPoints points; 468..472 and 473..477 are iris centre + 4 rim points
  double yaw = 0;                 ///< degrees, + when the head is turned to the right as one looks at it upright

  /// Eye centre at left and right, nose tip, mouth corner at left and right, as one looks at the face upright: where
  /// the photo stands on its head, its left is the photo's right.
  std::array<cv::Point2f, 5> five() const;

  /// The box's longer side, pixels.
  float size() const { return std::max(box.width, box.height); }

  /// Quarters by which the face is turned clockwise: 1 or 3 on its side, 2 on its head, 0 up to 60 degrees off upright.
  int quarter_turns() const;
};

/// Size of the smallest face that is looked for, and that says enough of a person. Smaller ones are found by chance.
inline constexpr float kSmallestFace = 40;

/// How far a search goes.
enum class FaceSearch {
  largest,  ///< until the largest face is found, and what else is seen by then
  every     ///< down to kSmallestFace
};

/// Finds faces in an RGB photo (CV_8UC3), whichever way up, largest first, ties by position (top, then left).
class FaceDetector {
 public:
  virtual ~FaceDetector() = default;
  virtual std::vector<Face> detect(const cv::Mat& rgb, FaceSearch search) const = 0;
};

/// FFHQ's square times this factor is the crop of the default bundle (keeps the hair in).
inline constexpr double kDefaultCrop = 1.18;

/// The similarity (2x3, CV_64F values) that maps photo pixels to pixels of a `size` x `size` aligned crop.
/// Geometry: FFHQ (Karras et al. 2019, appendix), from eye centres and mouth corners; the square's side times `crop`.
cv::Matx23d align_transform(const std::array<cv::Point2f, 5>& five, int size, double crop = kDefaultCrop);

/// The aligned crop of an 8-bit image, `size` x `size`, same type; area-averaged when shrinking, reflected outside the
/// photo. Points are continuous: the centre of the first pixel is (0.5, 0.5).
cv::Mat align_image(const cv::Mat& rgb, const cv::Matx23d& transform, int size);

/// Points through the transform.
std::vector<cv::Point2f> transform_points(const std::vector<cv::Point2f>& points, const cv::Matx23d& transform);

/// Degrees by which a head is turned, + to the photo's right, from mesh points with depth (z grows away from the
/// camera, in the scale of x and y). At least the 468 points of the face mesh.
double face_yaw(const std::vector<cv::Point3f>& mesh);

/// The fourteen ratios by name, from mesh points in any similarity frame: shares of the face's height or width.
std::map<std::string, double> measure_face(const std::vector<cv::Point2f>& mesh);

/// ear_size: the height of the taller visible ear as a share of the face's; nothing where hair or the pose hide both.
/// `ears`: their probabilities in the aligned crop, CV_32F; `mesh` in shares of the crop's side.
std::optional<double> measure_ears(const cv::Mat& ears, const std::vector<cv::Point2f>& mesh);

/// eye_tilt and brow_tilt: degrees by which the outer ends of eyes and brows stand higher than the inner ones, on the
/// average of both sides, so that a tilted head does not count.
std::map<std::string, double> measure_tilts(const std::vector<cv::Point2f>& mesh);

}  // namespace swiftavatar
