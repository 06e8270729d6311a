#pragma once
// What a manifest says about a model, read once into structs whose numbers are checked: a manifest is a file of a
// stranger's. Needs no LibTorch. Internal to the layers model, gan and estimate.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "swiftavatar/model.h"

namespace swiftavatar {

/// A value of a manifest and where it stands. All readers throw Failure model_corrupt, which names the place.
class SpecView {
 public:
  explicit SpecView(const ModelEntry& entry);  ///< "models.ROLE"
  explicit SpecView(const Bundle& bundle);     ///< the whole manifest

  bool has(const std::string& key) const { return value_->is_object() && value_->contains(key); }
  SpecView at(const std::string& key) const;         ///< refuses what is no object with this key
  SpecView at(size_t index) const;                   ///< refuses what is no list of that length
  std::vector<SpecView> items(size_t most) const;    ///< of a list of at most so many
  std::vector<std::string> keys(size_t most) const;  ///< of an object of at most so many

  std::string text() const;  ///< at most 256 bytes
  int64_t integer(int64_t least, int64_t most) const;
  double number(double least, double most) const;
  bool flag() const;

  [[noreturn]] void refuse(const std::string& what) const;  ///< "MANIFEST: PLACE WHAT; restore the bundle ..."

 private:
  SpecView(const nlohmann::json& value, std::string manifest, std::string place)
      : value_(&value), manifest_(std::move(manifest)), place_(std::move(place)) {}

  const nlohmann::json* value_;
  std::string manifest_, place_;
};

/// One entry of an estimator's `heads`: which outputs it reads, and how.
struct HeadSpec {
  HeadKind kind = HeadKind::attribute;
  std::string name;
  std::vector<std::string> options;  ///< of attributes and discrete heads: 1 to 4096
  int64_t offset = 0;                ///< 0 to kMostOutputs
  double temperature = 1;            ///< above 0
  std::vector<float> bias;           ///< per option
  double mean = 0, std = 1;          ///< of measures

  bool is_choice() const { return kind != HeadKind::slider && kind != HeadKind::measure; }
  int64_t width() const { return is_choice() ? static_cast<int64_t>(options.size()) : 1; }
};
inline constexpr int64_t kMostOutputs = 1 << 20;
std::vector<HeadSpec> head_specs(const ModelEntry& estimator);
/// How many heads an entry lists; 0 where it lists none that could be read.
size_t head_count(const ModelEntry& estimator);

/// One entry of an estimator's `inputs`: image [N,3,S,S], parts [N,13,S,S] or points [N,478,2].
struct InputSpec {
  std::string name;  ///< image, parts, points
  int size = 0;      ///< S of a picture, 1 to 4096; of points nothing
};
std::vector<InputSpec> input_specs(const ModelEntry& estimator);

/// Side of the first of the entry's `inputs` or `outputs`, a square picture: 1 to 8191 pixels.
int picture_side(const ModelEntry& entry, const std::string& group);

/// How a model frames a face.
struct FrameSpec {
  double crop;  ///< of FFHQ's square, 0.1 to 10
  int size;     ///< pixels
};
/// Of a role; `size`, or for real_generator the side of its pictures where that is larger, up to 4096.
FrameSpec frame_spec(const Bundle& bundle, const std::string& role, int size);

/// The program knows the 13 parts by their names: masks and colours of others would tell it nothing.
void require_known_parts(const Bundle& bundle);

}  // namespace swiftavatar
