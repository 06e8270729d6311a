#pragma once
// The drawings of a user's own faces.js: read as data, nothing of the package is executed.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace swiftavatar {

/// The drawings as they were found.
struct FacesjsParts {
  std::map<std::string, std::map<std::string, std::string>> svgs;  ///< feature -> id -> SVG document, or its inside
  std::vector<std::string> warnings;                               ///< drawings left out for their size
};

/// The features of a face (hair, eye, …), as FaceConfig names them.
const std::vector<std::string>& facesjs_features();

/// Reads `svgs/<feature>/<id>.svg` (or `<feature>/<id>.svg`) of a folder, or else the JavaScript file below it (or
/// named itself) that has the most drawings as string literals, such as the module of the npm package. Throws
/// Failure(engine_invalid) where there are none.
FacesjsParts read_facesjs_parts(const std::filesystem::path& where);

}  // namespace swiftavatar
