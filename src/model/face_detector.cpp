#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include <opencv2/imgproc.hpp>

#include "face/blaze_face.h"
#include "face/photo_pyramid.h"
#include "face/search_windows.h"
#include "model/face_mesh.h"
#include "model/networks.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

constexpr size_t kBatch = 16;
constexpr float kSameFace = 0.3f;

/// What makes a face: BlazeFace's score, and the logit of the mesh's face flag.
struct Evidence {
  float proposal, flag;
};
constexpr Evidence kPlain = {0.5f, 0};    // BlazeFace's own threshold; the flag removes its false finds
constexpr Evidence kStrict = {0.6f, 12};  // among hundreds of windows, or upside down

/// Whether they are finds of the same face. What is seen within a face is a part of it.
bool is_same(const cv::Rect2f& known, const cv::Rect2f& box) {
  return overlap(known, box) > kSameFace || (known.contains((box.tl() + box.br()) / 2) && box.area() < known.area());
}

class TorchFaceDetector : public FaceDetector {
 public:
  TorchFaceDetector(const Bundle& bundle, const Device& device)
      : detector_(bundle, "detector", device, Use::forward_only), mesh_(bundle, device) {}

  std::vector<Face> detect(const cv::Mat& rgb, FaceSearch search) const override {
    const torch::InferenceMode no_gradients;
    PhotoPyramid photo(rgb);
    std::vector<Face> faces = look_for(photo, search, 0);
    if (faces.empty()) return faces;
    sort(faces);
    if (const int turns = faces.front().quarter_turns(); turns != 0) {
      // BlazeFace knows upright faces best: look at the photo as it should stand.
      std::vector<Face> upright = look_for(photo, search, turns);
      for (Face& face : faces) add(std::move(face), upright);
      faces = std::move(upright);
      sort(faces);
    }
    return faces;
  }

 private:
  static void sort(std::vector<Face>& faces) {
    std::sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
      return std::tuple(-a.box.area(), a.box.y, a.box.x) < std::tuple(-b.box.area(), b.box.y, b.box.x);
    });
  }

  static bool is_known(const cv::Rect2f& box, const std::vector<Face>& faces) {
    return std::any_of(faces.begin(), faces.end(), [&box](const Face& face) { return is_same(face.box, box); });
  }

  static void add(Face face, std::vector<Face>& faces) {
    if (!is_known(face.box, faces)) faces.push_back(std::move(face));
  }

  /// The faces of a photo that is turned clockwise by so many quarters.
  std::vector<Face> look_for(PhotoPyramid& photo, FaceSearch search, int turns) const {
    const cv::Size size = photo.photo().size();
    const std::vector<float> sides = window_sides(size);
    std::vector<Face> faces;
    look_at_large(photo, sides, turns, kPlain, faces);
    for (const int others : {2, 1, 3}) {
      if (faces.empty() && turns == 0) look_at_large(photo, sides, others, kStrict, faces);
    }
    for (size_t i = 2; i < sides.size(); ++i) {
      if (search == FaceSearch::largest && !faces.empty()) break;
      look_at(photo, tiles(size, sides[i], angle(turns)), kStrict, faces);
    }
    return faces;
  }

  void look_at_large(PhotoPyramid& photo, const std::vector<float>& sides, int turns, const Evidence& least,
                     std::vector<Face>& faces) const {
    const cv::Size size = photo.photo().size();
    const Square whole{.centre = cv::Point2f(size) / 2, .side = sides[0], .angle = angle(turns)};
    look_at(photo, {whole}, least, faces);
    look_at(photo, tiles(size, sides[1], whole.angle), least, faces);
    if (faces.empty()) {  // a face larger than the photo
      look_at(photo, {{whole.centre, 2 * whole.side, whole.angle}}, least, faces);
    }
  }

  static float angle(int turns) { return static_cast<float>(turns * std::numbers::pi / 2); }

  /// Adds what is in the windows and not known.
  void look_at(PhotoPyramid& photo, std::vector<Square> windows, const Evidence& least,
               std::vector<Face>& faces) const {
    std::erase_if(windows, [&faces](const Square& window) {
      const cv::Point2f half(window.side / 2, window.side / 2);
      const cv::Rect2f box(window.centre - half, window.centre + half);
      return std::any_of(faces.begin(), faces.end(), [&](const Face& face) { return (face.box & box) == box; });
    });
    std::vector<FaceProposal> pending = propose(photo, windows, least.proposal);
    while (true) {
      std::erase_if(pending, [&faces](const FaceProposal& proposal) { return is_known(proposal.box, faces); });
      if (pending.empty()) return;
      // At once: those that may all be faces. A worse proposal counts where the mesh refuses the better one.
      std::vector<Square> squares;
      std::vector<FaceProposal> taken, others;
      for (const FaceProposal& proposal : pending) {
        const auto same = [&proposal](const FaceProposal& other) {
          return is_same(other.box, proposal.box) || is_same(proposal.box, other.box);
        };
        if (std::any_of(taken.begin(), taken.end(), same)) {
          others.push_back(proposal);
          continue;
        }
        taken.push_back(proposal);
        squares.push_back({.centre = (proposal.box.tl() + proposal.box.br()) / 2,
                           .side = std::max(proposal.box.width, proposal.box.height),
                           .angle = proposal.angle()});
      }
      for (std::optional<Face>& face : mesh_.fit(photo.photo(), squares, least.flag)) {
        if (face) add(*std::move(face), faces);
      }
      pending = std::move(others);
    }
  }

  /// BlazeFace's proposals in the windows, in pixels of the photo, best first.
  std::vector<FaceProposal> propose(PhotoPyramid& photo, const std::vector<Square>& windows, float least) const {
    std::vector<FaceProposal> proposals;
    for (size_t first = 0; first < windows.size(); first += kBatch) {
      const size_t count = std::min(kBatch, windows.size() - first);
      std::vector<cv::Mat> crops;
      for (size_t i = first; i < first + count; ++i) {
        crops.push_back(photo.sample(windows[i], kBlazeFaceSize, cv::BORDER_CONSTANT));
      }
      const auto outputs = detector_.run({image_tensor(crops, -1, 1, detector_.device())}, 2);
      const Tensor boxes = from_torch(outputs[0]), logits = from_torch(outputs[1]);
      if (boxes.data.size() != count * kBlazeFaceAnchors * kBlazeFaceValues ||
          logits.data.size() != count * kBlazeFaceAnchors) {
        detector_.refuse("is not the face detector that this program knows");
      }
      for (size_t i = 0; i < count; ++i) {
        const auto of_window = [i](const Tensor& values, size_t each) {
          return std::span(values.data).subspan(i * each, each);
        };
        for (FaceProposal& proposal :
             decode_blaze_face(of_window(boxes, static_cast<size_t>(kBlazeFaceAnchors) * kBlazeFaceValues),
                               of_window(logits, kBlazeFaceAnchors), least)) {
          proposals.push_back(proposal.in(windows[first + i]));
        }
      }
    }
    std::stable_sort(proposals.begin(), proposals.end(),
                     [](const FaceProposal& a, const FaceProposal& b) { return a.score > b.score; });
    return proposals;
  }

  TorchModule detector_;
  FaceMesh mesh_;
};

}  // namespace

std::unique_ptr<FaceDetector> swiftavatar_load_detector(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchFaceDetector>(bundle, device);
}

}  // namespace swiftavatar
