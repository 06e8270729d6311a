#include "model/spec.h"

#include <algorithm>
#include <cmath>

#include "swiftavatar/face.h"

namespace swiftavatar {

using nlohmann::json;

namespace {

constexpr size_t kLongestText = 256, kMostHeads = 4096, kMostOptions = 4096, kMostInputs = 16, kMostSizes = 8;
constexpr double kLargest = 1e9;  // of numbers that are finite and no more

std::string show(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? std::to_string(static_cast<int64_t>(value))
                                                              : json(value).dump();
}

}  // namespace

SpecView::SpecView(const ModelEntry& entry)
    : SpecView(entry.spec, (entry.path.parent_path() / "manifest.json").string(), "models." + entry.role) {}

SpecView::SpecView(const Bundle& bundle) : SpecView(bundle.manifest(), (bundle.dir() / "manifest.json").string(), "") {}

void SpecView::refuse(const std::string& what) const {
  throw Failure(ErrorCode::model_corrupt, manifest_ + ": " + place_ + (place_.empty() ? "" : " ") + what +
                                              "; restore the bundle or choose another one with --bundle.");
}

SpecView SpecView::at(const std::string& key) const {
  if (!has(key)) refuse("has no \"" + key + "\"");
  return {value_->find(key).value(), manifest_, place_.empty() ? key : place_ + "." + key};
}

SpecView SpecView::at(size_t index) const {
  if (!value_->is_array() || value_->size() <= index) {
    refuse("is not a list of at least " + std::to_string(index + 1));
  }
  return {(*value_)[index], manifest_, place_ + "[" + std::to_string(index) + "]"};
}

std::vector<SpecView> SpecView::items(size_t most) const {
  if (!value_->is_array() || value_->size() > most) refuse("is not a list of at most " + std::to_string(most));
  std::vector<SpecView> items;
  for (size_t i = 0; i < value_->size(); ++i) items.push_back(at(i));
  return items;
}

std::vector<std::string> SpecView::keys(size_t most) const {
  if (!value_->is_object() || value_->size() > most) refuse("is not an object of at most " + std::to_string(most));
  std::vector<std::string> keys;
  for (const auto& [key, unused] : value_->items()) keys.push_back(key);
  return keys;
}

std::string SpecView::text() const {
  if (!value_->is_string() || value_->get_ref<const std::string&>().size() > kLongestText) {
    refuse("is not a text of at most " + std::to_string(kLongestText) + " bytes");
  }
  return value_->get<std::string>();
}

int64_t SpecView::integer(int64_t least, int64_t most) const {
  const bool fits =
      value_->is_number_integer() && !(value_->is_number_unsigned() && value_->get<uint64_t>() > uint64_t{INT64_MAX});
  if (!fits || value_->get<int64_t>() < least || value_->get<int64_t>() > most) {
    refuse("is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value_->get<int64_t>();
}

double SpecView::number(double least, double most) const {
  if (!value_->is_number() || !(value_->get<double>() >= least && value_->get<double>() <= most)) {
    refuse("is not a number from " + show(least) + " to " + show(most));
  }
  return value_->get<double>();
}

bool SpecView::flag() const {
  if (!value_->is_boolean()) refuse("is neither true nor false");
  return value_->get<bool>();
}

namespace {

HeadSpec head_spec(const SpecView& entry) {
  HeadSpec head;
  const std::string kind = entry.at("kind").text();
  head.name = entry.at("name").text();
  const std::optional<HeadKind> known = value_of(kHeadKinds, kind);
  if (!known) entry.refuse("(\"" + head.name + "\") has the unknown kind \"" + kind + "\"");
  head.kind = *known;
  head.offset = entry.at("offset").integer(0, kMostOutputs);
  if (head.is_choice()) {
    for (const SpecView& option : entry.at("options").items(kMostOptions)) head.options.push_back(option.text());
    if (entry.has("temperature")) head.temperature = entry.at("temperature").number(1e-6, kLargest);
    head.bias.resize(head.options.size());
    if (entry.has("bias")) {
      const std::vector<SpecView> bias = entry.at("bias").items(kMostOptions);
      if (bias.size() != head.options.size()) entry.refuse("(\"" + head.name + "\") has not one bias for each option");
      std::transform(bias.begin(), bias.end(), head.bias.begin(),
                     [](const SpecView& value) { return static_cast<float>(value.number(-kLargest, kLargest)); });
    }
    if (head.options.empty()) entry.refuse("(\"" + head.name + "\") has no options");
  } else if (head.kind == HeadKind::measure) {
    if (entry.has("mean")) head.mean = entry.at("mean").number(-kLargest, kLargest);
    if (entry.has("std")) head.std = entry.at("std").number(-kLargest, kLargest);
  }
  return head;
}

}  // namespace

std::vector<HeadSpec> head_specs(const ModelEntry& estimator) {
  const SpecView list = SpecView(estimator).at("heads");
  std::vector<HeadSpec> heads;
  for (const SpecView& entry : list.items(kMostHeads)) heads.push_back(head_spec(entry));
  if (heads.empty()) list.refuse("is empty");
  return heads;
}

size_t head_count(const ModelEntry& estimator) {
  const auto heads = estimator.spec.find("heads");
  return heads != estimator.spec.end() && heads->is_array() ? heads->size() : 0;
}

std::vector<InputSpec> input_specs(const ModelEntry& estimator) {
  const SpecView list = SpecView(estimator).at("inputs");
  std::vector<InputSpec> inputs;
  for (const SpecView& entry : list.items(kMostInputs)) {
    InputSpec input{.name = entry.at("name").text()};
    if (input.name != "image" && input.name != "parts" && input.name != "points") {
      entry.refuse("(\"" + input.name + "\") is none of image, parts and points");
    }
    if (input.name != "points") input.size = static_cast<int>(entry.at("shape").at(3).integer(1, 4096));
    inputs.push_back(std::move(input));
  }
  if (inputs.empty()) list.refuse("is empty");
  return inputs;
}

int picture_side(const ModelEntry& entry, const std::string& group) {
  const SpecView shape = SpecView(entry).at(group).at(0).at("shape");
  const std::vector<SpecView> sizes = shape.items(kMostSizes);
  if (sizes.empty()) shape.refuse("is empty");
  return static_cast<int>(sizes.back().integer(1, 8191));
}

FrameSpec frame_spec(const Bundle& bundle, const std::string& role, int size) {
  const ModelEntry entry = bundle.entry(role).value();
  const SpecView spec(entry);
  if (role == "real_generator" && spec.has("outputs")) size = std::clamp(picture_side(entry, "outputs"), size, 4096);
  const SpecView manifest(bundle);
  double crop = kDefaultCrop;
  if (spec.has("crop")) {
    crop = spec.at("crop").number(0.1, 10);
  } else if (manifest.has("crop")) {
    crop = manifest.at("crop").number(0.1, 10);
  }
  return {crop, size};
}

void require_known_parts(const Bundle& bundle) {
  static const std::vector<std::string> names = {"background", "skin", "eye",   "brow",    "mouth", "nose",   "ear",
                                                 "hair",       "neck", "cloth", "glasses", "hat",   "earring"};
  const SpecView manifest(bundle);
  bool known = manifest.has("parts");
  if (known) {
    const std::vector<SpecView> parts = manifest.at("parts").items(kMostOptions);
    known = parts.size() == names.size();
    for (size_t i = 0; known && i < names.size(); ++i) known = parts[i].at("name").text() == names[i];
  }
  if (!known) {
    manifest.refuse(
        "estimate needs a bundle of the 13 parts background to earring; this one has others, so only invert and "
        "generate can use it");
  }
}

}  // namespace swiftavatar
