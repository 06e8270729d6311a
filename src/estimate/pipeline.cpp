#include "estimate/pipeline.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "avatar/over_color.h"
#include "base/boundary.h"
#include "estimate/photo_doubts.h"
#include "model/spec.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

const std::string kEstimatorPrefix = "estimator:", kGeneratorPrefix = "avatar_generator:";

/// `image` on a white panel, as large as fits.
cv::Mat panel(const cv::Mat& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.cols, image.rows);
  const cv::Size size(std::max(1, cvRound(image.cols * scale)), std::max(1, cvRound(image.rows * scale)));
  cv::Mat scaled, result(side, side, CV_8UC3, cv::Scalar::all(255));
  cv::resize(image, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  scaled.copyTo(result(cv::Rect((side - size.width) / 2, (side - size.height) / 2, size.width, size.height)));
  return result;
}

/// Whether all pixels are of one colour.
bool is_constant(const cv::Mat& rgba) {
  std::vector<cv::Mat> channels;
  cv::split(rgba, channels);
  return std::all_of(channels.begin(), channels.end(), [](const cv::Mat& channel) {
    double least = 0, most = 0;
    cv::minMaxLoc(channel, &least, &most);
    return least == most;
  });
}

std::string engine_family(const std::string& name) { return name.substr(0, name.find(':')); }

}  // namespace

std::string estimator_role(const Bundle& bundle, const std::string& engine) {
  for (const std::string& name : {engine, engine_family(engine)}) {
    if (bundle.has(kEstimatorPrefix + name)) return kEstimatorPrefix + name;
  }
  std::string richest;
  size_t most = 0;
  for (const auto& [role, entry] : bundle.entries()) {
    const size_t heads = role.starts_with(kEstimatorPrefix) ? 1 + head_count(entry) : 0;
    if (heads > most) {
      richest = role;
      most = heads;
    }
  }
  return most > 0 ? richest : bundle.entry(kEstimatorPrefix + engine).value().role;  // throws: a role is missing
}

std::map<std::string, std::string> Pipeline::model_files(const Bundle& bundle, const std::string& engine,
                                                         const PipelineOptions& options) {
  std::vector<std::string> roles = FaceReader::roles();
  roles.push_back(estimator_role(bundle, engine));
  if (options.inversion.method != InversionMethod::none) {
    roles.insert(roles.end(), {"real_generator", "perceptual"});
    if (bundle.has("inverter")) roles.push_back("inverter");
    if (bundle.has(kGeneratorPrefix + engine)) roles.push_back(kGeneratorPrefix + engine);
  }
  std::map<std::string, std::string> files;
  for (const std::string& role : roles) files[role] = bundle.entry(role).value().sha256;
  return files;
}

Pipeline::Pipeline(const Bundle& bundle, Engine engine, Semantics semantics, const Device& device,
                   PipelineOptions options, std::shared_ptr<const NativeFormat> native)
    : engine_(std::move(engine)),
      semantics_(std::move(semantics)),
      native_(std::move(native)),
      options_(std::move(options)),
      reader_(bundle, device, options_.face, options_.inversion.method != InversionMethod::none, options_.decoder) {
  require_known_parts(bundle);
  const std::string estimator = estimator_role(bundle, engine_.name());
  estimator_ = load_estimator(bundle, estimator.substr(kEstimatorPrefix.size()), device);
  own_estimator_ =
      estimator == kEstimatorPrefix + engine_.name() || estimator == kEstimatorPrefix + engine_family(engine_.name());
  scales_ = read_measure_scales(bundle.entry(estimator).value());
  if (options_.inversion.method != InversionMethod::none) {
    inverter_ = load_inverter(bundle, device);
    if (bundle.has(kGeneratorPrefix + engine_.name())) {
      avatar_generator_ = load_generator(bundle, kGeneratorPrefix + engine_.name(), device);
    }
  }
  if (device.name == "cpu") return;
  gpu_ = GpuFacts{.fused = estimator_->fused() + (inverter_ ? inverter_->fused() : 0) +
                           (avatar_generator_ ? avatar_generator_->fused() : 0),
                  .tf32 = uses_tf32()};
}

namespace {

/// Whether a face still goes on: with another face of its photo in error it would be for nothing.
bool goes_on(FaceWork& face) {
  if (!face.photo->failed) return true;
  face.found = {};
  face.aligned = {};
  return false;
}

/// Does a step of one face's way; item errors become the face's.
template <class Step>
void guarded(FaceWork& face, const Step& step) {
  if (!goes_on(face)) return;
  face.error = item_error(face.photo->path, step);
  if (!face.error) return;
  face.photo->failed = true;
  goes_on(face);
}

}  // namespace

PhotoWork Pipeline::read(std::span<const uint8_t> bytes, const std::string& path) const {
  PhotoWork work;
  work.input.path = path;
  Stopwatch watch;
  const auto photo = std::make_shared<FaceWork::Photo>();
  photo->path = path;
  work.error = item_error(path, [&] {
    for (FoundFace& found : reader_.find(bytes, work.input, photo->warnings, watch)) {
      work.faces.push_back({.photo = photo, .found = std::move(found)});
    }
  });
  photo->timing_ms = watch.laps();
  return work;
}

bool Pipeline::align(FaceWork& face) const {
  guarded(face, [&] {
    Stopwatch watch;
    face.aligned = reader_.align(face.found, watch);
    face.found = {};
    FaceFacts& facts = face.outcome.facts;
    facts.index = face.aligned.index;
    facts.count = face.aligned.count;
    facts.face = face.aligned.face;
    facts.warnings = face.photo->warnings;
    facts.gpu = gpu_;
    facts.timing_ms = face.photo->timing_ms;
    facts.timing_ms.insert(facts.timing_ms.end(), watch.laps().begin(), watch.laps().end());
  });
  return goes_on(face);
}

void Pipeline::estimate(const std::vector<FaceWork*>& given) const {
  std::vector<FaceWork*> faces;
  std::copy_if(given.begin(), given.end(), std::back_inserter(faces), [](FaceWork* face) { return goes_on(*face); });
  if (faces.empty()) return;
  std::vector<EstimatorInput> inputs;
  inputs.reserve(faces.size());
  for (const FaceWork* face : faces) inputs.push_back({face->aligned.image, face->aligned.parts, face->aligned.mesh});
  std::vector<Result<Inversion>> inversions;
  std::vector<Result<std::vector<HeadOutput>>> heads;
  Stopwatch watch;
  const auto together = [&] {
    if (inverter_) inversions = invert(faces);
    watch.lap("invert");
    heads = estimator_->estimate_batch(inputs);
    watch.lap("estimate");
  };
  if (faces.size() == 1) {
    guarded(*faces.front(), together);
  } else if (item_error("", together)) {
    const auto middle = faces.begin() + static_cast<std::ptrdiff_t>(faces.size() / 2);
    estimate({faces.begin(), middle});
    return estimate({middle, faces.end()});
  }
  for (size_t i = 0; i < faces.size(); ++i) {
    guarded(*faces[i], [&] {
      FaceFacts& facts = faces[i]->outcome.facts;
      if (inverter_) facts.inversion = std::move(inversions[i]).value();
      Stopwatch own;
      choose(faces[i]->aligned, std::move(heads[i]).value(), facts);
      own.lap("estimate");
      for (const auto& [stage, shared] : watch.laps()) {
        if (stage == "invert" && !inverter_) continue;
        const double alone = stage == "estimate" ? own.laps().front().second : 0;
        facts.timing_ms.emplace_back(stage, shared / static_cast<double>(faces.size()) + alone);
      }
    });
  }
}

std::vector<Result<Inversion>> Pipeline::invert(const std::vector<FaceWork*>& faces) const {
  std::vector<InversionInput> inputs;
  inputs.reserve(faces.size());
  for (const FaceWork* face : faces) inputs.push_back({face->aligned.generator_image, face->aligned.generator_parts});
  return inverter_->invert_batch(inputs, options_.inversion);
}

void Pipeline::choose(const AlignedFace& aligned, std::vector<HeadOutput> heads, FaceFacts& facts) const {
  // Another engine's estimator knows other variants, though its components may have the same names.
  if (!own_estimator_) std::erase_if(heads, [](const HeadOutput& head) { return head.kind == HeadKind::discrete; });
  std::map<std::string, double> measures;
  if (std::abs(aligned.face.yaw) <= kLargestYaw) {
    facts.measures = measure_face(aligned.face.mesh);
    for (const HeadOutput& head : heads) {  // an estimator that knows the mesh's habits goes before the mesh
      if (head.kind == HeadKind::measure && !head.values.empty()) facts.measures[head.name] = head.values[0];
    }
    const cv::Mat& ears = aligned.parts[static_cast<size_t>(Part::ear)];
    if (const auto size = measure_ears(ears, aligned.mesh)) facts.measures["ear_size"] = *size;
    measures = measure_tilts(aligned.mesh);
    measures.insert(facts.measures.begin(), facts.measures.end());
    for (auto* group : {&measures, &facts.measures}) {
      std::erase_if(*group, [](const auto& entry) { return !std::isfinite(entry.second); });
    }
  } else {
    facts.warnings.push_back("The head is turned by more than 20 degrees: the face's measures are not used.");
  }
  if (const int turns = aligned.face.quarter_turns(); turns != 0) {
    facts.warnings.push_back(std::string(turns == 2 ? "The face is upside down" : "The face lies on its side") +
                             " in the photo: it was read turned upright.");
  }
  for (std::string& doubt : photo_doubts(aligned, heads)) facts.warnings.push_back(std::move(doubt));
  facts.estimate = choose_avatar(engine_, semantics_, heads, measures, scales_,
                                 measure_colors(aligned.image, aligned.parts, aligned.mesh));
  if (native_) native_->settle(facts.estimate.avatar);
  facts.estimate.avatar = engine_.check(std::move(facts.estimate.avatar)).value();
  facts.attributes = semantics_.read(facts.estimate.avatar);
  if (native_) facts.native = native_->write(facts.estimate.avatar);
  facts.warnings.insert(facts.warnings.end(), facts.estimate.warnings.begin(), facts.estimate.warnings.end());
}

void Pipeline::draw(FaceWork& face, const std::function<void(FaceOutcome&)>& keep) const {
  guarded(face, [&] {
    Stopwatch watch;
    draw_face(face.aligned, face.outcome);
    watch.lap("render");
    face.outcome.facts.timing_ms.push_back(watch.laps().front());
    face.aligned = {};
    if (std::optional<Inversion>& inversion = face.outcome.facts.inversion) {  // its numbers are told, not its arrays
      inversion->codes = {};
      inversion->image.release();
    }
    if (keep) keep(face.outcome);
  });
}

PhotoOutcome Pipeline::outcome(PhotoWork photo, std::vector<FaceWork> faces) {
  PhotoOutcome outcome{.input = std::move(photo.input), .error = std::move(photo.error)};
  for (FaceWork& face : faces) {
    if (face.error && !outcome.error) outcome.error = std::move(face.error);
    outcome.faces.push_back(std::move(face.outcome));
  }
  return outcome;
}

PhotoOutcome Pipeline::process(std::span<const uint8_t> bytes, const std::string& path) const {
  PhotoWork photo = read(bytes, path);
  std::vector<FaceWork> faces = std::exchange(photo.faces, {});
  for (FaceWork& face : faces) {
    if (!align(face)) continue;
    estimate({&face});
    draw(face);
  }
  return outcome(std::move(photo), std::move(faces));
}

void Pipeline::draw_face(const AlignedFace& aligned, FaceOutcome& outcome) const {
  const auto wanted = [&](const char* name) { return options_.previews.contains(name); };
  const std::optional<Inversion>& inversion = outcome.facts.inversion;
  if (options_.previews.empty()) return;
  const Avatar& vector = outcome.facts.estimate.avatar;
  const cv::Mat avatar = options_.renderer ? options_.renderer->draw(engine_.name(), vector, kPictureSize).value()
                                           : draw_avatar(engine_, vector, kPictureSize, options_.draw_time).value();
  if (is_constant(avatar)) {
    throw Failure(ErrorCode::render_failed, options_.renderer
                                                ? "The picture of --render-command is of one colour only."
                                                : "The engine's picture of this avatar is empty; check the "
                                                  "definition with swiftavatar engines check.");
  }
  if (wanted("avatar")) outcome.pictures["avatar"] = encode_png(avatar);
  if (inversion && wanted("face")) outcome.pictures["face"] = encode_png(inversion->image);
  cv::Mat domain;
  if (inversion && avatar_generator_ && (wanted("domain") || wanted("sheet"))) {
    domain = to_image(avatar_generator_->generate(inversion->codes, CodeSpace::w_plus).rgb);
    if (wanted("domain")) outcome.pictures["domain"] = encode_png(domain);
  }
  if (wanted("sheet")) {
    std::vector<cv::Mat> panels = {panel(inversion ? aligned.generator_image : aligned.image, kPanelSize)};
    if (inversion) panels.push_back(panel(inversion->image, kPanelSize));
    if (!domain.empty()) panels.push_back(panel(domain, kPanelSize));
    panels.push_back(panel(over_color(avatar, {255, 255, 255}), kPanelSize));
    cv::Mat sheet;
    cv::hconcat(panels, sheet);
    outcome.pictures["sheet"] = encode_png(sheet);
  }
}

}  // namespace swiftavatar
