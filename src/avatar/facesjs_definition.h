#pragma once
// An engine definition made of a user's faces.js drawings: the face is composed as that library does.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "avatar/facesjs_parts.h"

namespace swiftavatar {

/// What a variant is in FaceConfig.
struct FacesjsId {
  std::string id;
  bool flip = false;
};

struct FacesjsDefinition {
  std::string text;                                               ///< a definition file
  std::map<std::string, std::map<std::string, FacesjsId>> names;  ///< feature -> variant -> what FaceConfig calls it
  std::vector<std::string> warnings;                              ///< drawings left out, and why

  /// The reverse of `names`; empty where the engine has no such drawing.
  std::string variant(const std::string& feature, const std::string& id, bool flip = false) const;
};

/// The same drawings give the same text. `where` is used in messages.
/// Throws Failure(engine_invalid) where there is no drawing of a head, eyes, a mouth or another required feature.
FacesjsDefinition define_facesjs(const FacesjsParts& parts, const std::filesystem::path& where);

}  // namespace swiftavatar
