#include "estimate/face_reader.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/sha256.h"
#include "estimate/photo_doubts.h"

namespace swiftavatar {

namespace {

constexpr float kBackground = 1 / 3.0f;  // of the largest face's size

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

size_t leave_out_small_faces(std::vector<Face>& faces, const std::string& name) {
  float largest = 0;
  for (const Face& face : faces) largest = std::max(largest, face.size());
  const size_t small = std::erase_if(faces, [](const Face& face) { return face.size() < kSmallestFace; });
  if (small > 0 && faces.empty()) {
    throw Failure(ErrorCode::no_face, name + ": the largest face is too small, " +
                                          std::to_string(static_cast<int>(largest)) +
                                          " pixels high; give a larger picture, in which it has at least " +
                                          std::to_string(static_cast<int>(kSmallestFace)) + ".");
  }
  return small;
}

std::vector<size_t> select_faces(const std::vector<Face>& faces, FacePolicy policy, cv::Size photo,
                                 const std::string& name) {
  if (faces.empty()) {
    throw Failure(ErrorCode::no_face, name + ": no face was found; give a photo in which a face of at least " +
                                          std::to_string(static_cast<int>(kSmallestFace)) +
                                          " pixels is seen from the front.");
  }
  std::vector<size_t> indices(faces.size());
  std::iota(indices.begin(), indices.end(), size_t{0});
  if (policy == FacePolicy::all) return indices;
  if (policy == FacePolicy::largest) return {0};
  std::erase_if(indices, [&](size_t index) { return faces[index].size() < kBackground * faces.front().size(); });
  if (policy == FacePolicy::error) {
    if (indices.size() > 1) {
      throw Failure(ErrorCode::several_faces, name + ": " + std::to_string(indices.size()) +
                                                  " faces were found; choose one with --face largest or center, or "
                                                  "take them --face all.");
    }
    return {0};
  }
  const cv::Point2f middle(photo.width / 2.0f, photo.height / 2.0f);
  const auto distance = [&](size_t index) {
    const cv::Rect2f& box = faces[index].box;
    return cv::norm(cv::Point2f(box.x + box.width / 2, box.y + box.height / 2) - middle);
  };
  return {
      *std::min_element(indices.begin(), indices.end(), [&](size_t a, size_t b) { return distance(a) < distance(b); })};
}

FaceReader::FaceReader(const Bundle& bundle, const Device& device, FacePolicy policy, bool for_inversion,
                       const DecoderOptions& decoder)
    : decoder_(std::make_unique<PhotoDecoder>(decoder)),
      detector_(load_detector(bundle, device)),
      parser_(load_parser(bundle, device)),
      policy_(policy),
      frame_(frame_spec(bundle, "parser", kSize)) {
  if (for_inversion) generator_frame_ = frame_spec(bundle, "real_generator", kSize);
}

void FaceReader::frame_for_generator(const cv::Mat& photo, AlignedFace& face) const {
  if (generator_frame_->crop == frame_.crop && generator_frame_->size == frame_.size) {
    face.generator_image = face.image;
    face.generator_parts = face.parts;
    return;
  }
  face.generator_image = align_image(
      photo, align_transform(face.face.five(), generator_frame_->size, generator_frame_->crop), generator_frame_->size);
  // Both frames have one centre and one axis: the parts are only cut out, or set into a wider border.
  const double share = frame_.crop / generator_frame_->crop;
  for (const cv::Mat& plane : face.parts) {
    const double shift = plane.cols * (1 - share) / 2;
    face.generator_parts.push_back(align_image(plane, {share, 0, shift, 0, share, shift}, plane.cols));
  }
}

std::vector<FoundFace> FaceReader::find(std::span<const uint8_t> bytes, InputFacts& input,
                                        std::vector<std::string>& warnings, Stopwatch& watch) const {
  input.sha256 = sha256_hex(bytes);
  const DecodedImage photo = decoder_->decode(bytes, input.path).value();
  input.width = photo.rgb.cols;
  input.height = photo.rgb.rows;
  warnings.insert(warnings.end(), photo.warnings.begin(), photo.warnings.end());
  watch.lap("decode");

  std::vector<Face> faces =
      detector_->detect(photo.rgb, policy_ == FacePolicy::largest ? FaceSearch::largest : FaceSearch::every);
  const size_t small = leave_out_small_faces(faces, input.path);
  if (small > 0 && policy_ == FacePolicy::all) {
    warnings.push_back(std::to_string(small) + " faces too small to be read are left out.");
  }
  watch.lap("detect");
  std::vector<FoundFace> found;
  for (const size_t index : select_faces(faces, policy_, photo.rgb.size(), input.path)) {
    found.push_back({static_cast<int>(index) + 1, static_cast<int>(faces.size()), faces[index], photo.rgb});
  }
  return found;
}

AlignedFace FaceReader::align(const FoundFace& found, Stopwatch& watch) const {
  const Face& face = found.face;
  AlignedFace entry;
  entry.index = found.index;
  entry.count = found.count;
  entry.face = face;
  const cv::Matx23d transform = align_transform(face.five(), kSize, frame_.crop);
  entry.image = align_image(found.photo, transform, kSize);
  entry.mesh = transform_points(face.mesh, transform);
  for (cv::Point2f& point : entry.mesh) point /= kSize;
  entry.outside = share_outside(transform, kSize, entry.mesh, found.photo.size());
  watch.lap("align");
  entry.parts = parser_->parse(entry.image);
  for (const cv::Mat& plane : entry.parts) {
    if (!cv::checkRange(plane)) {
      throw Failure(ErrorCode::non_finite, "The parser gives values that are not numbers for this face.");
    }
  }
  watch.lap("parse");
  if (generator_frame_) frame_for_generator(found.photo, entry);
  return entry;
}

}  // namespace swiftavatar
