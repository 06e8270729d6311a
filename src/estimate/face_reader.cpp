#include "estimate/face_reader.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/sha256.h"

namespace swiftavatar {
namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Stopwatch::Stopwatch() : last_(now_ms()) {}

void Stopwatch::lap(const std::string& stage) {
  const double now = now_ms();
  const auto found = std::find_if(laps_.begin(), laps_.end(), [&](const auto& lap) { return lap.first == stage; });
  if (found == laps_.end()) {
    laps_.emplace_back(stage, now - last_);
  } else {
    found->second += now - last_;
  }
  last_ = now;
}

std::vector<size_t> select_faces(const std::vector<Face>& faces, FacePolicy policy, cv::Size photo, const std::string& name) {
  if (faces.empty()) {
    throw Failure(ErrorCode::no_face, name + ": no face was found; give a photo in which a face is seen from the front.");
  }
  std::vector<size_t> all(faces.size());
  std::iota(all.begin(), all.end(), size_t{0});
  switch (policy) {
    case FacePolicy::all: return all;
    case FacePolicy::largest: return {0};
    case FacePolicy::error:
      if (faces.size() > 1) {
        throw Failure(ErrorCode::several_faces, name + ": " + std::to_string(faces.size()) +
                                                    " faces were found; choose one with --face largest or center, or "
                                                    "take them --face all.");
      }
      return {0};
    case FacePolicy::center: break;
  }
  const cv::Point2f middle(photo.width / 2.0f, photo.height / 2.0f);
  const auto distance = [&](size_t index) {
    const cv::Rect2f& box = faces[index].box;
    return cv::norm(cv::Point2f(box.x + box.width / 2, box.y + box.height / 2) - middle);
  };
  return {*std::min_element(all.begin(), all.end(), [&](size_t a, size_t b) { return distance(a) < distance(b); })};
}

FaceReader::FaceReader(const Bundle& bundle, const Device& device, FacePolicy policy)
    : detector_(load_detector(bundle, device)),
      parser_(load_parser(bundle, device)),
      policy_(policy),
      crop_(bundle.manifest().value("crop", kDefaultCrop)) {}

std::vector<AlignedFace> FaceReader::read(std::span<const uint8_t> bytes, InputFacts& input,
                                          std::vector<std::string>& warnings, Stopwatch& watch) const {
  input.sha256 = sha256_hex(bytes);
  const DecodedImage photo = decode_image(bytes, input.path).value();
  input.width = photo.rgb.cols;
  input.height = photo.rgb.rows;
  warnings.insert(warnings.end(), photo.warnings.begin(), photo.warnings.end());
  watch.lap("decode");

  const std::vector<Face> faces = detector_->detect(photo.rgb);
  watch.lap("detect");
  std::vector<AlignedFace> aligned;
  for (const size_t index : select_faces(faces, policy_, photo.rgb.size(), input.path)) {
    const Face& face = faces[index];
    AlignedFace entry{static_cast<int>(index) + 1, static_cast<int>(faces.size()), face, {}, {}, {}};
    const cv::Matx23d transform = align_transform(face.five(), kSize, crop_);
    entry.image = align_image(photo.rgb, transform, kSize);
    entry.mesh = transform_points(face.mesh, transform);
    for (cv::Point2f& point : entry.mesh) point /= kSize;
    watch.lap("align");
    entry.parts = parser_->parse(entry.image);
    for (const cv::Mat& plane : entry.parts) {
      if (!cv::checkRange(plane)) {
        throw Failure(ErrorCode::non_finite, input.path + ": the parser gives values that are not numbers for this face.");
      }
    }
    watch.lap("parse");
    aligned.push_back(std::move(entry));
  }
  return aligned;
}

}  // namespace swiftavatar
