#pragma once
// DiceBear's options file: what its own cores (JavaScript, PHP, Python, Rust, Go, Dart) draw the same picture from.

#include "swiftavatar/native.h"

namespace swiftavatar {

/// Whether an engine is a plain DiceBear definition, without our own blocks (sliders, tied components …), which its
/// cores refuse.
bool is_dicebear(const Engine& engine);

/// `<component>Variant`: one name, `<component>Probability`: 0 or 100 where a component may be absent, `<colour>Color`:
/// one hex. Nothing is left to chance, so the options need no seed.
class DicebearOptions : public NativeFormat {
 public:
  explicit DicebearOptions(Engine engine) : engine_(std::move(engine)) {}

  nlohmann::ordered_json write(const Avatar& avatar) const override;
  /// Takes what write() writes, lists of one entry, and global options that leave the picture as it is. What DiceBear
  /// would draw by chance, or what an avatar cannot hold (turned or clipped pictures, gradients), is an error.
  Result<Avatar> read(const nlohmann::json& options) const override;

 private:
  Engine engine_;
};

}  // namespace swiftavatar
