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

std::vector<size_t> select_faces(const std::vector<Face>& faces, FacePolicy policy, cv::Size photo,
                                 const std::string& name) {
  if (faces.empty()) {
    throw Failure(ErrorCode::no_face,
                  name + ": no face was found; give a photo in which a face is seen from the front.");
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

  const std::vector<Face> faces = detector_->detect(photo.rgb);
  watch.lap("detect");
  std::vector<FoundFace> found;
  for (const size_t index : select_faces(faces, policy_, photo.rgb.size(), input.path)) {
    found.push_back({static_cast<int>(index) + 1, static_cast<int>(faces.size()), faces[index], photo.rgb});
  }
  return found;
}

AlignedFace FaceReader::align(const FoundFace& found, Stopwatch& watch) const {
  const Face& face = found.face;
  AlignedFace entry{found.index, found.count, face, {}, {}, {}, {}, {}};
  const cv::Matx23d transform = align_transform(face.five(), kSize, frame_.crop);
  entry.image = align_image(found.photo, transform, kSize);
  entry.mesh = transform_points(face.mesh, transform);
  for (cv::Point2f& point : entry.mesh) point /= kSize;
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
