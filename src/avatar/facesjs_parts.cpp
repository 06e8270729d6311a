#include "avatar/facesjs_parts.h"

#include <algorithm>

#include "avatar/js_strings.h"
#include "avatar/json_view.h"
#include "base/files.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPartBytes = size_t{256} << 10;  // of one drawing
constexpr size_t kMaxParts = 480;                    // of one feature; mirrored ones count twice in an engine
constexpr size_t kMaxModuleBytes = size_t{16} << 20;
constexpr size_t kMaxFiles = 4000;  // that are looked at below a folder
constexpr int kMaxDepth = 5;        // of folders

void add(FacesjsParts& parts, const std::string& feature, const std::string& id, std::string svg) {
  auto& drawings = parts.svgs[feature];
  if (svg.size() > kMaxPartBytes) {
    parts.warnings.push_back(feature + "/" + id + ": left out, it is larger than 256 KiB");
  } else if (drawings.size() >= kMaxParts) {
    parts.warnings.push_back(feature + "/" + id + ": left out, " + feature + " has more than " +
                             std::to_string(kMaxParts));
  } else {
    drawings[id] = std::move(svg);
  }
}

FacesjsParts read_folder(const fs::path& folder) {
  FacesjsParts parts;
  std::error_code ignored;
  for (const std::string& feature : facesjs_features()) {
    for (const fs::path& file : entries_of(folder / feature, kMaxFiles)) {
      if (file.extension() != ".svg" || !fs::is_regular_file(file, ignored)) continue;
      auto bytes = read_file(file, kMaxModuleBytes);
      if (!bytes.ok()) throw Failure(ErrorCode::engine_invalid, bytes.error().message);
      add(parts, feature, file.stem().string(), {bytes.value().begin(), bytes.value().end()});
    }
  }
  return parts;
}

// Scripts below a folder, nearest first.
void collect_scripts(const fs::path& folder, int depth, size_t& seen, std::vector<fs::path>& scripts) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const fs::path& entry : entries_of(folder, kMaxFiles)) {
    if (++seen > kMaxFiles) return;
    const std::string extension = entry.extension().string();
    if (fs::is_symlink(entry, ignored)) continue;
    if (fs::is_directory(entry, ignored)) {
      if (entry.filename() != "node_modules") folders.push_back(entry);
    } else if (extension == ".js" || extension == ".mjs" || extension == ".cjs") {
      scripts.push_back(entry);
    }
  }
  if (depth == 0) return;
  for (const fs::path& below : folders) collect_scripts(below, depth - 1, seen, scripts);
}

size_t count(const StringTables& tables) {
  size_t sum = 0;
  for (const auto& [group, table] : tables) sum += table.size();
  return sum;
}

FacesjsParts read_scripts(const std::vector<fs::path>& scripts) {
  StringTables best;
  for (const fs::path& script : scripts) {
    const auto bytes = read_file(script, kMaxModuleBytes);
    if (!bytes.ok()) continue;
    const std::string_view text(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
    StringTables tables = find_svg_tables(text, facesjs_features());
    if (count(tables) > count(best)) best = std::move(tables);
  }
  FacesjsParts parts;
  for (auto& [feature, table] : best) {
    for (auto& [id, svg] : table) add(parts, feature, id, std::move(svg));
  }
  return parts;
}

}  // namespace

const std::vector<std::string>& facesjs_features() {
  static const std::vector<std::string> features = {"accessories", "body",    "ear",  "eye",      "eyeLine", "eyebrow",
                                                    "facialHair",  "glasses", "hair", "hairBg",   "head",    "jersey",
                                                    "miscLine",    "mouth",   "nose", "smileLine"};
  return features;
}

FacesjsParts read_facesjs_parts(const fs::path& where) {
  std::error_code ignored;
  if (!fs::exists(where, ignored)) {
    throw Failure(ErrorCode::engine_invalid, where.string() +
                                                 ": there is no such folder; give the folder of a faces.js "
                                                 "install, such as node_modules/facesjs");
  }
  FacesjsParts parts;
  if (fs::is_directory(where, ignored)) {
    for (const fs::path& folder : {where / "svgs", where}) {
      parts = read_folder(folder);
      if (!parts.svgs.empty()) return parts;
    }
    std::vector<fs::path> scripts;
    size_t seen = 0;
    collect_scripts(where, kMaxDepth, seen, scripts);
    parts = read_scripts(scripts);
  } else {
    parts = read_scripts({where});
  }
  if (parts.svgs.empty()) {
    throw Failure(ErrorCode::engine_invalid, where.string() +
                                                 ": has no faces.js drawings; give the folder of the npm package "
                                                 "facesjs, or one with svgs/<feature>/<id>.svg");
  }
  return parts;
}

}  // namespace swiftavatar
