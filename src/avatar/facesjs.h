#pragma once
// faces.js as an engine: its drawings from the user's install, its FaceConfig as the native format.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "avatar/facesjs_definition.h"
#include "swiftavatar/avatar.h"
#include "swiftavatar/native.h"

namespace swiftavatar {

/// The engine's name. It is in no data folder: the caller says where its drawings are.
inline constexpr const char* kFacesjsName = "facesjs";

struct FacesjsEngine {
  Engine engine;
  FacesjsDefinition definition;
  std::shared_ptr<const NativeFormat> native;
};

/// Reads a faces.js install (see read_facesjs_parts). Throws Failure(engine_invalid).
FacesjsEngine open_facesjs(const std::filesystem::path& where);

/// Semantics of these drawings from the table of faces.js' ids (configs/engines/facesjs/semantics.json): the text of a
/// semantics file, ids turned into variants. Ids that the install lacks are left out; drawings of the table's features
/// that it does not name are excluded from choice, as are all mirrored ones.
/// Throws Failure(engine_invalid) where the table is malformed.
std::string facesjs_semantics(const std::string& table, const FacesjsEngine& facesjs);

}  // namespace swiftavatar
