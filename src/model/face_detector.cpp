#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include <opencv2/core.hpp>

#include "face/blaze_face.h"
#include "face/photo_pyramid.h"
#include "face/search_windows.h"
#include "model/batches.h"
#include "model/face_mesh.h"
#include "model/networks.h"
#include "model/torch_module.h"

namespace swiftavatar {

namespace {

constexpr size_t kLargeSizes = 2;  // of windows in which any photo is searched
constexpr float kSameFace = 0.3f;

/// The least score of BlazeFace and the least logit of the mesh's face flag.
struct Evidence {
  float proposal, flag;
};
constexpr Evidence kPlain = {0.5f, 0};   // BlazeFace's own threshold; the flag removes its false finds
constexpr Evidence kStrict = {0.6f, 8};  // among hundreds of windows, upside down, or beside a better face

// A face that is small in its window may be fitted badly, with a logit a little above kSureFace; finer windows mend it.
// Of 3,223 portraits one in twenty has less than this.
constexpr float kSettled = 28;
constexpr float kSameFit = 0.75f;  // overlap of fits, of which the one in the coarser window sees more of a turned head
constexpr float kMuchSurer = 15;

/// Whether two boxes are of the same face. What is seen within a face is a part of it.
bool is_same(const cv::Rect2f& known, const cv::Rect2f& box) {
  return overlap(known, box) > kSameFace || (known.contains((box.tl() + box.br()) / 2) && box.area() < known.area());
}

/// Whether a crop is of one colour: much of the sky and of walls.
bool is_flat(const cv::Mat& crop) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(crop, mean, deviation);
  return std::max({deviation[0], deviation[1], deviation[2]}) < 2;
}

/// The faces of a photo as they are found.
class Finds {
 public:
  bool empty() const { return finds_.empty(); }

  /// Whether a box is of a known face that need not be found better.
  bool is_settled(const cv::Rect2f& box) const {
    return std::any_of(finds_.begin(), finds_.end(), [&box](const MeshedFace& find) {
      return find.logit >= kSettled && is_same(find.face.box, box);
    });
  }

  /// Whether all of a box is within a settled face.
  bool covers(const cv::Rect2f& box) const {
    return std::any_of(finds_.begin(), finds_.end(), [&box](const MeshedFace& find) {
      return find.logit >= kSettled && (find.face.box & box) == box;
    });
  }

  /// Of two finds of one face the surer one stays; the first, where it is settled or the other is nearly the same.
  void add(MeshedFace find) {
    const auto same = [&find](const MeshedFace& other) {
      return is_same(other.face.box, find.face.box) || is_same(find.face.box, other.face.box);
    };
    const auto stays = [&find](const MeshedFace& other) {
      return other.logit >= std::min(find.logit, kSettled) ||
             (overlap(other.face.box, find.face.box) > kSameFit && other.logit > find.logit - kMuchSurer);
    };
    if (std::any_of(finds_.begin(), finds_.end(), [&](const auto& other) { return same(other) && stays(other); })) {
      return;
    }
    std::erase_if(finds_, same);
    finds_.push_back(std::move(find));
  }

  /// Largest first. Beside the surest find, doubtful ones do not count.
  std::vector<MeshedFace> sorted() && {
    float most = 0;
    for (const MeshedFace& find : finds_) most = std::max(most, find.logit);
    std::erase_if(finds_, [most](const MeshedFace& find) { return find.logit < std::min(most, kStrict.flag); });
    std::sort(finds_.begin(), finds_.end(), [](const MeshedFace& a, const MeshedFace& b) {
      return std::tuple(-a.face.box.area(), a.face.box.y, a.face.box.x) <
             std::tuple(-b.face.box.area(), b.face.box.y, b.face.box.x);
    });
    return std::move(finds_);
  }

 private:
  std::vector<MeshedFace> finds_;
};

class TorchFaceDetector : public FaceDetector {
 public:
  TorchFaceDetector(const Bundle& bundle, const Device& device)
      : detector_(bundle, "detector", device, Use::forward_only), mesh_(bundle, device) {}

  std::vector<Face> detect(const cv::Mat& rgb, FaceSearch search) const override {
    const PhotoPyramid photo(rgb, kBlazeFaceSize);
    std::vector<MeshedFace> finds = look_for(photo, search, 0).sorted();
    if (const int turns = finds.empty() ? 0 : finds.front().face.quarter_turns(); turns != 0) {
      // BlazeFace knows upright faces best: look at the photo as it should stand.
      Finds upright = look_for(photo, search, turns);
      for (MeshedFace& find : finds) upright.add(std::move(find));
      finds = std::move(upright).sorted();
    }
    std::vector<Face> faces;
    for (MeshedFace& find : finds) faces.push_back(std::move(find.face));
    return faces;
  }

 private:
  static float angle(int turns) { return static_cast<float>(turns * std::numbers::pi / 2); }

  using Windows = std::vector<std::vector<Square>>;

  /// The faces of a photo that is turned clockwise by so many quarters.
  Finds look_for(const PhotoPyramid& photo, FaceSearch search, int turns) const {
    const Windows windows = search_windows(photo.photo().size(), angle(turns));
    Finds finds;
    look_for_large(photo, windows, kPlain, finds);
    for (const int others : {2, 1, 3}) {
      if (finds.empty() && turns == 0) {
        look_for_large(photo, search_windows(photo.photo().size(), angle(others)), kStrict, finds);
      }
    }
    for (size_t i = kLargeSizes; i < windows.size(); ++i) {
      if (search == FaceSearch::largest && !finds.empty()) break;
      look_at(photo, windows[i], kStrict, finds);
    }
    return finds;
  }

  void look_for_large(const PhotoPyramid& photo, const Windows& windows, const Evidence& least, Finds& finds) const {
    for (size_t i = 0; i < kLargeSizes; ++i) look_at(photo, windows[i], least, finds);
    if (finds.empty()) {  // a face larger than the photo
      Square beyond = windows[0][0];
      beyond.side *= 2;
      look_at(photo, {beyond}, least, finds);
    }
  }

  /// Adds what is in the windows.
  void look_at(const PhotoPyramid& photo, std::vector<Square> windows, const Evidence& least, Finds& finds) const {
    std::erase_if(windows, [&finds](const Square& window) {
      const cv::Point2f half(window.side / 2, window.side / 2);
      return finds.covers({window.centre - half, window.centre + half});
    });
    std::vector<FaceProposal> pending = propose(photo, windows, least.proposal);
    while (true) {
      std::erase_if(pending, [&finds](const FaceProposal& proposal) { return finds.is_settled(proposal.box); });
      if (pending.empty()) return;
      // At once: those that may all be faces. A worse proposal counts where the mesh is not sure of the better one.
      std::vector<Square> squares;
      std::vector<FaceProposal> taken, others;
      for (const FaceProposal& proposal : pending) {
        const bool is_other = std::any_of(taken.begin(), taken.end(), [&proposal](const FaceProposal& better) {
          return is_same(better.box, proposal.box) || is_same(proposal.box, better.box);
        });
        if (is_other) {
          others.push_back(proposal);
          continue;
        }
        taken.push_back(proposal);
        squares.push_back({.centre = (proposal.box.tl() + proposal.box.br()) / 2,
                           .side = std::max(proposal.box.width, proposal.box.height),
                           .angle = proposal.angle()});
      }
      for (std::optional<MeshedFace>& find : mesh_.fit(photo.photo(), squares)) {
        if (find && find->logit > least.flag) finds.add(*std::move(find));
      }
      pending = std::move(others);
    }
  }

  /// BlazeFace's proposals in the windows, in pixels of the photo, best first.
  std::vector<FaceProposal> propose(const PhotoPyramid& photo, const std::vector<Square>& windows, float least) const {
    std::vector<std::vector<FaceProposal>> of_window(windows.size());
    in_batches(detector_.device(), windows.size(), [&](size_t first, size_t count) {
      std::vector<size_t> seen;
      std::vector<cv::Mat> crops;
      for (size_t i = first; i < first + count; ++i) {
        cv::Mat crop = photo.sample(windows[i], cv::BORDER_CONSTANT);
        if (is_flat(crop)) continue;
        seen.push_back(i);
        crops.push_back(std::move(crop));
      }
      if (crops.empty()) return;
      const auto outputs = detector_.run({image_tensor(crops, -1, 1, detector_.device())}, 2);
      const Tensor boxes = from_torch(outputs[0]), logits = from_torch(outputs[1]);
      constexpr size_t kBoxes = static_cast<size_t>(kBlazeFaceAnchors) * kBlazeFaceValues, kLogits = kBlazeFaceAnchors;
      if (boxes.data.size() != crops.size() * kBoxes || logits.data.size() != crops.size() * kLogits) {
        detector_.refuse("is not the face detector that this program knows");
      }
      for (size_t i = 0; i < seen.size(); ++i) {
        std::vector<FaceProposal>& proposals = of_window[seen[i]];
        proposals = decode_blaze_face(std::span(boxes.data).subspan(i * kBoxes, kBoxes),
                                      std::span(logits.data).subspan(i * kLogits, kLogits), least);
        for (FaceProposal& proposal : proposals) proposal = proposal.in(windows[seen[i]]);
      }
    });
    std::vector<FaceProposal> all;
    for (const auto& proposals : of_window) all.insert(all.end(), proposals.begin(), proposals.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const FaceProposal& a, const FaceProposal& b) { return a.score > b.score; });
    return all;
  }

  TorchModule detector_;
  FaceMesh mesh_;
};

}  // namespace

std::unique_ptr<FaceDetector> swiftavatar_load_detector(const Bundle& bundle, const Device& device) {
  return std::make_unique<TorchFaceDetector>(bundle, device);
}

}  // namespace swiftavatar
