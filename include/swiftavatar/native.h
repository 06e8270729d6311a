#pragma once
// An engine's own file format: what its real clients load (DiceBear options, Alter's AvatarMatrix, faces.js'
// FaceConfig).

#include <nlohmann/json.hpp>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

class NativeFormat {
 public:
  virtual ~NativeFormat() = default;
  /// The avatar in the engine's own form. The avatar must have passed Engine::check.
  virtual nlohmann::ordered_json write(const Avatar& avatar) const = 0;
  /// The reverse, as far as the engine's menus go; what is missing stays missing. Error: usage, naming the key.
  virtual Result<Avatar> read(const nlohmann::json& native) const = 0;
  /// Changes what no client of the engine would put together, e.g. long hair without its back half. Called on avatars
  /// that were chosen for a photo, before they are written and drawn.
  virtual void settle(Avatar& /*avatar*/) const {}
};

}  // namespace swiftavatar
