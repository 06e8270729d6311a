#include <algorithm>
#include <cmath>
#include <optional>

#include <opencv2/imgproc.hpp>

#include "face/blaze_face.h"
#include "face/warp.h"
#include "model/networks.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

constexpr float kProposalScore = 0.5f;  // BlazeFace's own threshold; the mesh's face flag removes its false finds
constexpr float kFaceFlag = 0.5f;
constexpr float kSameFace = 0.3f;

constexpr int kFaceMeshPoints = 468;  // of the mesh network; the iris network gives the other ten
constexpr int kMeshSize = 192;
constexpr float kMeshMargin = 1.5f;  // of the square around the face, as the network was trained
constexpr int kMeshPasses = 2;       // the second one sees a crop made from the first one's points

constexpr int kIrisSize = 64;
constexpr float kIrisMargin = 2.3f;  // times the distance of the eye's corners
constexpr int kIrisPoints = 5;
constexpr int kEyeValues = 71 * 3;

/// An eye as seen in the picture: its corners in the mesh, the mesh points of its outline in the order in which the
/// iris network gives them, and where its iris points go. The network knows the eye at the picture's left; the other
/// one is shown to it mirrored, which also swaps the rim's right and left points.
struct Eye {
  int outer, inner;
  std::array<int, 16> outline;
  std::array<int, kIrisPoints> iris;
  bool mirrored;
};
constexpr std::array<Eye, 2> kEyes = {{
    {33,
     133,
     {33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173},
     {468, 469, 470, 471, 472},
     false},
    {263,
     362,
     {263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398},
     {473, 476, 475, 474, 477},
     true},
}};

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

class TorchFaceDetector : public FaceDetector {
 public:
  TorchFaceDetector(const Bundle& bundle, const Device& device)
      : detector_(bundle, "detector", device, Use::forward_only),
        mesh_(bundle, "mesh", device, Use::forward_only),
        iris_(bundle, "iris", device, Use::forward_only) {}

  std::vector<Face> detect(const cv::Mat& rgb) const override {
    const torch::InferenceMode no_gradients;
    const float width = static_cast<float>(rgb.cols), height = static_cast<float>(rgb.rows);
    const float side = std::max(width, height);
    const cv::Point2f centre(width / 2, height / 2);

    // BlazeFace overlooks faces under a sixth of its window: people in the back of a group are found in the tiles.
    std::vector<Square> windows = tiles(rgb.size(), 0.6f);
    windows.insert(windows.begin(), {centre, side});
    std::vector<Face> faces = search(rgb, windows);
    if (faces.empty()) faces = search(rgb, tiles(rgb.size(), 0.3f));
    if (faces.empty()) faces = search(rgb, {{centre, 2 * side}});  // a face larger than the photo
    std::sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
      return std::tuple(-a.box.area(), a.box.y, a.box.x) < std::tuple(-b.box.area(), b.box.y, b.box.x);
    });
    return faces;
  }

 private:
  /// Overlapping squares that cover the photo; their side is `share` of the photo's longer one.
  static std::vector<Square> tiles(const cv::Size& photo, float share) {
    constexpr float kOverlap = 0.33f;  // so that a face on a border lies whole in some square
    const float side = share * static_cast<float>(std::max(photo.width, photo.height));
    const auto centres = [side](float length) {
      if (length <= side) return std::vector{length / 2};
      const int count = 1 + static_cast<int>(std::ceil((length - side) / (side * (1 - kOverlap))));
      std::vector<float> middles;
      for (int i = 0; i < count; ++i) {
        middles.push_back(side / 2 + (length - side) * static_cast<float>(i) / static_cast<float>(count - 1));
      }
      return middles;
    };
    std::vector<Square> squares;
    for (const float y : centres(static_cast<float>(photo.height))) {
      for (const float x : centres(static_cast<float>(photo.width))) squares.push_back({{x, y}, side});
    }
    return squares;
  }

  std::vector<Face> search(const cv::Mat& rgb, const std::vector<Square>& windows) const {
    std::vector<Face> faces;
    for (const Square& window : windows) {
      for (const FaceProposal& proposal : propose(rgb, window)) {
        const auto known = [&proposal](const Face& face) { return overlap(face.box, proposal.box) > kSameFace; };
        if (std::any_of(faces.begin(), faces.end(), known)) continue;
        if (std::optional<Face> face = confirm(rgb, proposal)) {
          const auto same = [&face](const Face& other) { return overlap(other.box, face->box) > kSameFace; };
          if (std::none_of(faces.begin(), faces.end(), same)) faces.push_back(std::move(*face));
        }
      }
    }
    return faces;
  }

  /// BlazeFace's proposals in a window, in pixels of the photo.
  std::vector<FaceProposal> propose(const cv::Mat& rgb, const Square& window) const {
    const cv::Mat crop = sample_square(rgb, window, kBlazeFaceSize, cv::BORDER_CONSTANT);
    const auto outputs = detector_.run({image_tensor({crop}, -1, 1, detector_.device())}, 2);
    const Tensor boxes = from_torch(outputs[0]), logits = from_torch(outputs[1]);
    if (boxes.data.size() != kBlazeFaceAnchors * kBlazeFaceValues || logits.data.size() != kBlazeFaceAnchors) {
      detector_.refuse("is not the face detector that this program knows");
    }
    std::vector<FaceProposal> proposals = decode_blaze_face(boxes.data, logits.data, kProposalScore);
    const cv::Point2f corner = window.centre - cv::Point2f(window.side, window.side) / 2;
    for (FaceProposal& proposal : proposals) {
      proposal.box = {corner + window.side * proposal.box.tl(), corner + window.side * proposal.box.br()};
      proposal.left_eye = corner + window.side * proposal.left_eye;
      proposal.right_eye = corner + window.side * proposal.right_eye;
    }
    return proposals;
  }

  /// The face of a proposal with its mesh, or nothing where the mesh network sees no face.
  std::optional<Face> confirm(const cv::Mat& rgb, const FaceProposal& proposal) const {
    const std::vector<cv::Point2f> corners = {proposal.box.tl(), proposal.box.br()};
    Square square = {.centre = (corners[0] + corners[1]) / 2,
                     .side = kMeshMargin * std::max(proposal.box.width, proposal.box.height),
                     .angle = line_angle(proposal.left_eye, proposal.right_eye)};
    Face face;
    Tensor points, flag;
    for (int pass = 0; pass < kMeshPasses; ++pass) {
      if (!(square.side >= 1) || !std::isfinite(square.angle)) return std::nullopt;
      const cv::Mat crop = sample_square(rgb, square, kMeshSize, cv::BORDER_REPLICATE);
      const auto outputs = mesh_.run({image_tensor({crop}, 0, 1, mesh_.device())}, 2);
      points = from_torch(outputs[0]);
      flag = from_torch(outputs[1]);
      if (points.data.size() != 3 * kFaceMeshPoints || flag.data.size() != 1) {
        mesh_.refuse("is not the face mesh that this program knows");
      }
      face.mesh = photo_points(points.data.data(), kFaceMeshPoints, square.transform(kMeshSize));
      square = enclosing_square(face.mesh, line_angle(face.mesh[33], face.mesh[263]), kMeshMargin);
    }
    face.score = 1 / (1 + std::exp(-flag.data[0]));
    if (!(face.score > kFaceFlag)) return std::nullopt;

    std::vector<cv::Point3f> deep;
    for (int i = 0; i < kFaceMeshPoints; ++i) {
      deep.emplace_back(points.data[3 * i], points.data[3 * i + 1], points.data[3 * i + 2]);
    }
    face.yaw = face_yaw(deep);
    face.box = bounds(face.mesh);
    add_irises(rgb, face.mesh);
    return face;
  }

  static cv::Rect2f bounds(const std::vector<cv::Point2f>& points) {
    const auto [left, right] =
        std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    const auto [top, bottom] =
        std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
    return {{left->x, top->y}, cv::Point2f{right->x, bottom->y}};
  }

  /// Appends the iris points and replaces the eyes' outlines by the iris network's, which are twice as exact.
  void add_irises(const cv::Mat& rgb, std::vector<cv::Point2f>& mesh) const {
    std::array<Square, 2> squares;
    std::vector<cv::Mat> crops;
    for (size_t i = 0; i < kEyes.size(); ++i) {
      const cv::Point2f outer = mesh[kEyes[i].outer], inner = mesh[kEyes[i].inner];
      const auto& [left, right] = kEyes[i].mirrored ? std::pair{inner, outer} : std::pair{outer, inner};
      squares[i] = {.centre = (outer + inner) / 2,
                    .side = std::max(1.0f, kIrisMargin * static_cast<float>(cv::norm(outer - inner))),
                    .angle = line_angle(left, right)};
      cv::Mat crop = sample_square(rgb, squares[i], kIrisSize, cv::BORDER_REPLICATE);
      if (kEyes[i].mirrored) cv::flip(crop, crop, 1);
      crops.push_back(crop);
    }
    const auto outputs = iris_.run({image_tensor(crops, 0, 1, iris_.device())}, 2);
    Tensor outlines = from_torch(outputs[0]), irises = from_torch(outputs[1]);
    if (outlines.data.size() != 2 * kEyeValues || irises.data.size() != 2 * 3 * kIrisPoints) {
      iris_.refuse("is not the iris network that this program knows");
    }

    mesh.resize(kMeshPoints);
    for (size_t i = 0; i < kEyes.size(); ++i) {
      const cv::Matx23d transform = squares[i].transform(kIrisSize);
      float* const outline = outlines.data.data() + i * kEyeValues;
      float* const iris = irises.data.data() + i * 3 * kIrisPoints;
      if (kEyes[i].mirrored) {
        for (int k = 0; k < kEyeValues; k += 3) outline[k] = kIrisSize - outline[k];
        for (int k = 0; k < 3 * kIrisPoints; k += 3) iris[k] = kIrisSize - iris[k];
      }
      const auto outline_points = photo_points(outline, static_cast<int>(kEyes[i].outline.size()), transform);
      const auto iris_points = photo_points(iris, kIrisPoints, transform);
      for (size_t k = 0; k < outline_points.size(); ++k) mesh[kEyes[i].outline[k]] = outline_points[k];
      for (size_t k = 0; k < iris_points.size(); ++k) mesh[kEyes[i].iris[k]] = iris_points[k];
    }
  }

  TorchModule detector_, mesh_, iris_;
};

}  // namespace

std::unique_ptr<FaceDetector> swiftavatar_load_detector(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchFaceDetector>(bundle, device);
}

}  // namespace swiftavatar
