#include <algorithm>

#include "base/boundary.h"
#include "base/files.h"
#include "base/sha256.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr char kSchema[] = "swiftavatar.bundle/1";
constexpr size_t kLargestManifest = size_t{64} << 20, kLargestModel = size_t{8} << 30;  // bytes
constexpr int kMaxDepth = 4;  // of `extends`; also ends a circle of bundles

[[noreturn]] void refuse(const fs::path& manifest, const std::string& what) {
  throw Failure(ErrorCode::model_corrupt, manifest.string() + ": " + what +
                                              "; restore the bundle or choose another one "
                                              "with --bundle.");
}

json read_manifest(const fs::path& dir) {
  const fs::path path = dir / "manifest.json";
  const auto bytes = read_file(path, kLargestManifest);
  if (!bytes.ok()) {
    throw Failure(Error{ErrorCode::model_missing,
                        path.string() +
                            ": cannot be read; --bundle takes the name of an installed bundle or a folder with a "
                            "manifest.json.",
                        bytes.error().message});
  }
  const json manifest = json::parse(bytes.value(), nullptr, /*allow_exceptions=*/false);
  if (!manifest.is_object()) refuse(path, "is not a JSON object");
  const auto schema = manifest.find("schema");
  if (schema == manifest.end() || *schema != kSchema) {
    refuse(path, "has no \"schema\": \"" + std::string(kSchema) + "\"");
  }
  const auto models = manifest.find("models");
  if (models == manifest.end() || !models->is_object()) refuse(path, "has no object \"models\"");
  return manifest;
}

std::string text(const json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

/// A file name that stays inside its folder.
bool is_plain_name(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path == path.filename() && name != "." && name != "..";
}

bool is_sha256(const std::string& hash) {
  return hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
}

ModelEntry read_entry(const fs::path& dir, const std::string& role, const json& spec) {
  const fs::path manifest = dir / "manifest.json";
  if (!spec.is_object()) refuse(manifest, "models." + role + " is not an object");
  const std::string file = text(spec, "file"), sha256 = text(spec, "sha256");
  if (!is_plain_name(file)) refuse(manifest, "models." + role + ".file is not a file name of this folder");
  if (!is_sha256(sha256)) refuse(manifest, "models." + role + ".sha256 is not a SHA-256 in lower-case hex");
  return {.role = role, .path = dir / file, .sha256 = sha256, .licence = text(spec, "licence"), .spec = spec};
}

/// Whether a role, or its part before the colon, is one of `names`.
bool is_named(const std::vector<std::string>& names, const std::string& role) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return role == name || (role.starts_with(name) && role[name.size()] == ':');
  });
}

/// Roles that a bundle does not take over from the one that it extends.
std::vector<std::string> read_without(const fs::path& dir, const json& manifest) {
  try {
    return manifest.value("without", std::vector<std::string>{});
  } catch (const json::exception&) {
    refuse(dir / "manifest.json", "\"without\" is not a list of roles");
  }
}

/// `base` is a folder, or the name of a bundle beside this one.
fs::path base_folder(const fs::path& dir, const std::string& base) {
  const fs::path folder = absolute_path(dir);
  return ((folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path()) / base)
      .lexically_normal();
}

}  // namespace

Result<Bundle> Bundle::open(const fs::path& dir) {
  try {
    Bundle bundle;
    bundle.dir_ = dir;
    fs::path folder = dir;
    std::vector<std::string> without;
    for (int depth = 0;; ++depth) {
      const json manifest = read_manifest(folder);
      for (const auto& [role, spec] : manifest["models"].items()) {
        if (!bundle.has(role) && !is_named(without, role))
          bundle.entries_.emplace(role, read_entry(folder, role, spec));
      }
      if (depth == 0) {
        bundle.manifest_ = manifest;
        bundle.name_ = text(manifest, "name");
        if (bundle.name_.empty()) bundle.name_ = absolute_path(dir).filename().string();
      } else {
        // What a bundle does not say about its codes, parts and crop holds as in the one that it extends.
        for (const auto& [key, value] : manifest.items()) bundle.manifest_.emplace(key, value);
      }
      for (std::string& role : read_without(folder, manifest)) without.push_back(std::move(role));
      if (!manifest.contains("extends") || manifest["extends"].is_null()) return bundle;
      const std::string base = text(manifest, "extends");
      if (base.empty()) refuse(folder / "manifest.json", "\"extends\" is not the name of a bundle");
      if (depth == kMaxDepth) refuse(folder / "manifest.json", "\"extends\" runs in a circle");
      folder = base_folder(folder, base);
    }
  } catch (...) {
    return error_in_flight({ErrorCode::model_corrupt, (dir / "manifest.json").string() +
                                                          ": cannot be understood; restore the bundle or choose "
                                                          "another one with --bundle."});
  }
}

Result<ModelEntry> Bundle::entry(const std::string& role) const {
  const auto entry = entries_.find(role);
  if (entry != entries_.end()) return entry->second;
  return Error{ErrorCode::model_missing, (dir_ / "manifest.json").string() +
                                             ": the bundle has no model for the role \"" + role +
                                             "\"; choose another bundle with --bundle."};
}

Result<std::vector<uint8_t>> Bundle::read_verified(const ModelEntry& entry) {
  const std::string path = entry.path.string();
  auto read = read_file(entry.path, kLargestModel);
  if (!read.ok()) {
    return Error{ErrorCode::model_missing, "The bundle's model " + entry.role + ": " + read.error().message};
  }
  std::vector<uint8_t> bytes = std::move(read).value();
  const std::string actual = sha256_hex(bytes);
  if (actual == entry.sha256) return bytes;
  return Error{ErrorCode::model_corrupt, path + ": the file (" + std::to_string(bytes.size()) + " bytes, SHA-256 " +
                                             actual.substr(0, 12) +
                                             "...) is not the one that the manifest names (SHA-256 " +
                                             entry.sha256.substr(0, 12) + "...); install the bundle again."};
}

}  // namespace swiftavatar
