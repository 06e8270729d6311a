#include "estimate/pipeline.h"

#include <algorithm>
#include <cmath>
#include <new>

#include <opencv2/imgproc.hpp>

#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

const std::string kEstimatorPrefix = "estimator:", kGeneratorPrefix = "avatar_generator:";

cv::Mat over_white(const cv::Mat& rgba) {
  cv::Mat rgb(rgba.size(), CV_8UC3);
  for (int y = 0; y < rgba.rows; ++y) {
    for (int x = 0; x < rgba.cols; ++x) {
      const cv::Vec4b& pixel = rgba.at<cv::Vec4b>(y, x);
      for (int channel = 0; channel < 3; ++channel) {
        rgb.at<cv::Vec3b>(y, x)[channel] =
            cv::saturate_cast<uchar>((pixel[channel] * pixel[3] + 255 * (255 - pixel[3])) / 255.0);
      }
    }
  }
  return rgb;
}

/// `image` on a white panel, as large as fits.
cv::Mat panel(const cv::Mat& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.cols, image.rows);
  const cv::Size size(std::max(1, cvRound(image.cols * scale)), std::max(1, cvRound(image.rows * scale)));
  cv::Mat scaled, result(side, side, CV_8UC3, cv::Scalar::all(255));
  cv::resize(image, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  scaled.copyTo(result(cv::Rect((side - size.width) / 2, (side - size.height) / 2, size.width, size.height)));
  return result;
}

bool is_constant(const cv::Mat& image) {
  double least = 0, most = 0;
  cv::minMaxLoc(image.reshape(1), &least, &most);
  return least == most;
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
    const size_t heads =
        role.starts_with(kEstimatorPrefix) ? 1 + entry.spec.value("heads", nlohmann::json::array()).size() : 0;
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
  if (options.inversion.method != "none") {
    roles.insert(roles.end(), {"real_generator", "perceptual"});
    if (bundle.has("inverter")) roles.push_back("inverter");
    if (bundle.has(kGeneratorPrefix + engine)) roles.push_back(kGeneratorPrefix + engine);
  }
  std::map<std::string, std::string> files;
  for (const std::string& role : roles) files[role] = bundle.entry(role).value().sha256;
  return files;
}

namespace {

/// The program knows the parts by their names: masks and colours of others would tell it nothing.
void require_parts(const Bundle& bundle) {
  static const std::vector<std::string> names = {"background", "skin", "eye",   "brow",    "mouth", "nose",   "ear",
                                                 "hair",       "neck", "cloth", "glasses", "hat",   "earring"};
  const nlohmann::json parts = bundle.manifest().value("parts", nlohmann::json::array());
  bool known = parts.is_array() && parts.size() == names.size();
  for (size_t i = 0; known && i < names.size(); ++i)
    known = parts[i].is_object() && parts[i].value("name", "") == names[i];
  if (!known) {
    throw Failure(ErrorCode::model_corrupt,
                  (bundle.dir() / "manifest.json").string() +
                      ": estimate needs a bundle of the 13 parts background to earring; this one has "
                      "others, so only invert and generate can use it.");
  }
}

}  // namespace

Pipeline::Pipeline(const Bundle& bundle, Engine engine, Semantics semantics, const Device& device,
                   PipelineOptions options, std::shared_ptr<const NativeFormat> native)
    : engine_(std::move(engine)),
      semantics_(std::move(semantics)),
      native_(std::move(native)),
      options_(std::move(options)),
      reader_(bundle, device, options_.face, options_.inversion.method != "none", options_.decoder) {
  require_parts(bundle);
  const std::string estimator = estimator_role(bundle, engine_.name());
  estimator_ = load_estimator(bundle, estimator.substr(kEstimatorPrefix.size()), device);
  own_estimator_ =
      estimator == kEstimatorPrefix + engine_.name() || estimator == kEstimatorPrefix + engine_family(engine_.name());
  scales_ = read_measure_scales(bundle.entry(estimator).value());
  if (options_.inversion.method != "none") {
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

/// Does a step of one photo's way; item errors become the photo's.
template <class Step>
void guarded(PhotoWork& photo, const Step& step) {
  PhotoOutcome& outcome = photo.outcome;
  const std::string& path = photo.path;
  try {
    step();
  } catch (const Failure& failure) {
    if (exit_status(failure.error().code) != 1) throw;  // every further photo would fail the same way
    outcome.error = failure.error();
  } catch (const std::bad_alloc&) {
    outcome.error = Error{ErrorCode::out_of_memory, path + ": not enough memory for this photo; give a smaller one."};
  } catch (const cv::Exception& error) {
    outcome.error =
        error.code == cv::Error::StsNoMem
            ? Error{ErrorCode::out_of_memory, path + ": not enough memory for this photo; give a smaller one."}
            : Error{ErrorCode::crashed,
                    path + ": an image operation failed, please report it with the photo: " + error.err};
  }
  if (!outcome.error) return;
  outcome.faces.clear();
  photo.aligned.clear();
  // The models do not know which photo they look at.
  std::string& message = outcome.error->message;
  if (message.find(path) == std::string::npos) message = path + ": " + message;
}

}  // namespace

PhotoWork Pipeline::read(std::span<const uint8_t> bytes, const std::string& path) const {
  PhotoWork photo{.path = path};
  photo.outcome.input.path = path;
  guarded(photo, [&] {
    photo.aligned = reader_.read(bytes, photo.outcome.input, photo.warnings, photo.watch);
    photo.outcome.faces.resize(photo.aligned.size());
  });
  return photo;
}

void Pipeline::estimate(const std::vector<PhotoWork*>& photos) const {
  std::vector<FaceWork> faces;
  for (PhotoWork* photo : photos) {
    if (photo->outcome.error) continue;
    for (size_t i = 0; i < photo->aligned.size(); ++i) {
      faces.push_back({photo, &photo->aligned[i], &photo->outcome.faces[i]});
    }
  }
  if (!faces.empty()) estimate_faces(faces);
}

void Pipeline::estimate_faces(const std::vector<FaceWork>& faces) const {
  const auto halve = [&] {
    const auto middle = faces.begin() + static_cast<std::ptrdiff_t>(faces.size() / 2);
    estimate_faces({faces.begin(), middle});
    estimate_faces({middle, faces.end()});
  };
  std::vector<EstimatorInput> inputs;
  for (const FaceWork& face : faces) inputs.push_back({face.aligned->image, face.aligned->parts, face.aligned->mesh});
  std::vector<Result<Inversion>> inversions;
  std::vector<Result<std::vector<HeadOutput>>> heads;
  Stopwatch watch;
  try {
    if (inverter_) inversions = invert(faces);
    watch.lap("invert");
    heads = estimator_->estimate_batch(inputs);
  } catch (const Failure& failure) {
    if (exit_status(failure.error().code) != 1) throw;
    if (failure.error().code == ErrorCode::out_of_memory && faces.size() > 1) return halve();
    for (const FaceWork& face : faces) guarded(*face.photo, [&] { throw Failure(failure); });
    return;
  }
  watch.lap("estimate");
  for (size_t i = 0; i < faces.size(); ++i) {
    const FaceWork& face = faces[i];
    if (face.photo->outcome.error) continue;  // another face of the photo has failed
    guarded(*face.photo, [&] {
      FaceFacts& facts = face.outcome->facts;
      facts.index = face.aligned->index;
      facts.count = face.aligned->count;
      facts.face = face.aligned->face;
      facts.warnings = face.photo->warnings;
      facts.gpu = gpu_;
      facts.timing_ms = face.photo->watch.laps();
      if (inverter_) facts.inversion = std::move(inversions[i]).value();
      Stopwatch own;
      choose(*face.aligned, std::move(heads[i]).value(), facts);
      own.lap("estimate");
      for (const auto& [stage, together] : watch.laps()) {
        if (stage == "invert" && !inverter_) continue;
        const double alone = stage == "estimate" ? own.laps().front().second : 0;
        facts.timing_ms.emplace_back(stage, together / static_cast<double>(faces.size()) + alone);
      }
    });
  }
}

std::vector<Result<Inversion>> Pipeline::invert(const std::vector<FaceWork>& faces) const {
  std::vector<InversionInput> inputs;
  for (const FaceWork& face : faces) inputs.push_back({face.aligned->generator_image, face.aligned->generator_parts});
  return inverter_->invert_batch(inputs, options_.inversion);
}

void Pipeline::choose(const AlignedFace& aligned, std::vector<HeadOutput> heads, FaceFacts& facts) const {
  // Another engine's estimator knows other variants, though its components may have the same names.
  if (!own_estimator_) std::erase_if(heads, [](const HeadOutput& head) { return head.kind == "discrete"; });
  std::map<std::string, double> measures;
  if (std::abs(aligned.face.yaw) <= kLargestYaw) {
    facts.measures = measure_face(aligned.face.mesh);
    for (const HeadOutput& head : heads) {  // an estimator that knows the mesh's habits goes before the mesh
      if (head.kind == "measure" && !head.values.empty()) facts.measures[head.name] = head.values[0];
    }
    measures = measure_tilts(aligned.face.mesh);
    measures.insert(facts.measures.begin(), facts.measures.end());
    for (auto* group : {&measures, &facts.measures}) {
      std::erase_if(*group, [](const auto& entry) { return !std::isfinite(entry.second); });
    }
  } else {
    facts.warnings.push_back("The head is turned by more than 20 degrees: the face's measures are not used.");
  }
  facts.estimate = choose_avatar(engine_, semantics_, heads, measures, scales_,
                                 measure_colors(aligned.image, aligned.parts, aligned.mesh));
  if (native_) native_->settle(facts.estimate.avatar);
  facts.estimate.avatar = engine_.check(std::move(facts.estimate.avatar)).value();
  facts.attributes = semantics_.read(facts.estimate.avatar);
  if (native_) facts.native = native_->write(facts.estimate.avatar);
  facts.warnings.insert(facts.warnings.end(), facts.estimate.warnings.begin(), facts.estimate.warnings.end());
}

void Pipeline::draw(PhotoWork& photo) const {
  if (photo.outcome.error) return;
  guarded(photo, [&] {
    for (size_t i = 0; i < photo.aligned.size(); ++i) {
      FaceOutcome& face = photo.outcome.faces[i];
      Stopwatch watch;
      draw_face(photo.aligned[i], face);
      watch.lap("render");
      face.facts.timing_ms.push_back(watch.laps().front());
    }
    photo.aligned.clear();
  });
}

PhotoOutcome Pipeline::process(std::span<const uint8_t> bytes, const std::string& path) const {
  PhotoWork photo = read(bytes, path);
  estimate({&photo});
  draw(photo);
  return std::move(photo.outcome);
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
    domain = to_image(avatar_generator_->generate(inversion->codes, "w+").rgb);
    if (wanted("domain")) outcome.pictures["domain"] = encode_png(domain);
  }
  if (wanted("sheet")) {
    std::vector<cv::Mat> panels = {panel(inversion ? aligned.generator_image : aligned.image, kPanelSize)};
    if (inversion) panels.push_back(panel(inversion->image, kPanelSize));
    if (!domain.empty()) panels.push_back(panel(domain, kPanelSize));
    panels.push_back(panel(over_white(avatar), kPanelSize));
    cv::Mat sheet;
    cv::hconcat(panels, sheet);
    outcome.pictures["sheet"] = encode_png(sheet);
  }
}

}  // namespace swiftavatar
