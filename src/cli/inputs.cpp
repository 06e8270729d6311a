#include "cli/inputs.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "swiftavatar/result.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLongestList = 256 << 20;  // bytes of --files-from

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Whether a folder's file is taken for a photo: by its suffix, unless this program made it. (What it really is, its
/// bytes will tell.)
bool looks_like_photo(const fs::path& path) {
  static const std::set<std::string> suffixes = {".jpg", ".jpeg", ".png",  ".webp", ".bmp",
                                                 ".tif", ".tiff", ".heic", ".heif", ".avif"};
  const std::string name = path.filename().string();
  if (name.starts_with('.') || !suffixes.contains(lower(path.extension().string()))) return false;
  static const std::set<std::string> own = {".avatar", ".face", ".domain", ".sheet"};
  return lower(path.extension().string()) != ".png" || !own.contains(path.stem().extension().string());
}

std::vector<fs::path> photos_below(const fs::path& folder, bool recursive) {
  std::vector<fs::path> found;
  const auto visit = [&](const fs::directory_entry& entry) {
    std::error_code error;
    if (!looks_like_photo(entry.path())) return;
    if (entry.is_regular_file(error)) {
      found.push_back(entry.path());
    } else if (!entry.is_directory(error)) {
      spdlog::warn("{}: skipped, it is not a regular file", entry.path().string());
    }
  };
  std::error_code error;
  if (recursive) {
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) visit(*it);
  } else {
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) visit(*it);
  }
  if (error) throw Failure(ErrorCode::usage, folder.string() + ": cannot be listed (" + error.message() + ").");
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> read_list(const InputOptions& options) {
  const auto bytes = options.files_from == "-" ? read_descriptor(STDIN_FILENO, "standard input", kLongestList)
                                               : read_file(options.files_from, kLongestList);
  if (!bytes.ok()) throw Failure(ErrorCode::usage, "--files-from " + bytes.error().message);
  std::vector<std::string> paths(1);
  for (const uint8_t byte : bytes.value()) {
    if (byte == (options.nul ? '\0' : '\n')) {
      paths.emplace_back();
    } else {
      paths.back() += static_cast<char>(byte);
    }
  }
  std::erase_if(paths, [](const std::string& path) { return path.empty(); });
  return paths;
}

}  // namespace

void add_input_options(CLI::App& app, InputOptions& options) {
  app.add_option("photos", options.photos, "Photos, folders of photos, or - for one photo on standard input")
      ->type_name("PHOTO|FOLDER|-");
  app.add_option("--files-from", options.files_from, "Read more paths from a file, or - for standard input")
      ->type_name("FILE|-");
  app.add_flag("-0,--null", options.nul, "Paths in --files-from end with NUL, not with a line feed");
  app.add_flag("--recursive", options.recursive, "Take folders with all below them, and keep the tree");
  app.add_option("--decode-timeout", options.decode_timeout, "How long decoding one photo may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
}

DecoderOptions decoder_options(const InputOptions& options) {
  return {.time = std::chrono::seconds(options.decode_timeout)};
}

std::vector<Item> collect_items(const InputOptions& options, const fs::path& output) {
  std::vector<std::string> given = options.photos;
  if (!options.files_from.empty()) {
    if (options.files_from == "-" && std::find(given.begin(), given.end(), "-") != given.end()) {
      throw Failure(ErrorCode::usage,
                    "Standard input cannot be both a photo and --files-from -; give one of them as a file.");
    }
    const std::vector<std::string> listed = read_list(options);
    given.insert(given.end(), listed.begin(), listed.end());
  } else if (given.empty()) {
    throw Failure(ErrorCode::usage, "No photo is named; give photos, folders, - or --files-from FILE.");
  }

  std::vector<Item> items;
  std::set<std::string> seen;                // the same photo named twice is one item
  std::map<std::string, std::string> stems;  // output stem -> photo
  const auto add = [&](const std::string& path, const fs::path& relative) {
    const fs::path stem = output / relative.parent_path() / (path == "-" ? fs::path("stdin") : relative.stem());
    if (!seen.insert(path == "-" ? path : absolute_path(path).string()).second) return;
    const auto [other, fresh] = stems.emplace(stem.lexically_normal().string(), path);
    if (!fresh) {
      throw Failure(ErrorCode::usage, other->second + " and " + path + " would both write " + stem.string() +
                                          ".avatar.json; rename one of them, or run them with different -o.");
    }
    items.push_back({path, stem});
  };
  for (const std::string& path : given) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      for (const fs::path& photo : photos_below(path, options.recursive)) {
        add(photo.string(), photo.lexically_relative(path));
      }
    } else {
      const fs::path file(path);  // "gone/" has no file name
      add(path, file.has_filename() ? file.filename() : file.parent_path().filename());
    }
  }
  return items;
}

Shard parse_shard(const std::string& text) {
  constexpr size_t kMost = 1'000'000;
  Shard shard;
  const char* end = text.data() + text.size();
  const auto [slash, wrong] = std::from_chars(text.data(), end, shard.index);
  if (wrong == std::errc() && slash != end && *slash == '/') {
    const auto [rest, no_number] = std::from_chars(slash + 1, end, shard.count);
    if (no_number == std::errc() && rest == end && shard.index >= 1 && shard.index <= shard.count &&
        shard.count <= kMost)
      return shard;
  }
  throw Failure(ErrorCode::usage, "--shard " + text + ": give a part and the number of parts, as 1/8 to 8/8.");
}

std::vector<Item> items_of_shard(std::vector<Item> items, const Shard& shard) {
  std::vector<size_t> sorted(items.size());
  std::iota(sorted.begin(), sorted.end(), size_t{0});
  std::sort(sorted.begin(), sorted.end(),
            [&](size_t a, size_t b) { return items[a].stem.native() < items[b].stem.native(); });
  std::vector<size_t> mine;
  for (size_t place = shard.index - 1; place < sorted.size(); place += shard.count) mine.push_back(sorted[place]);
  std::sort(mine.begin(), mine.end());
  std::vector<Item> kept;
  for (const size_t index : mine) kept.push_back(std::move(items[index]));
  return kept;
}

fs::path OutputNames::with(const std::string& suffix) const {
  fs::path path = stem_;
  path += suffix;
  return path;
}

fs::path OutputNames::json(int face) const {
  return with((face > 0 ? ".face" + std::to_string(face) : "") + (json_ ? ".json" : ".avatar.json"));
}

fs::path OutputNames::picture(const std::string& preview, int face) const {
  return with((face > 0 ? ".face" + std::to_string(face) : "") + "." + preview + ".png");
}

fs::path OutputNames::error() const { return with(".error.json"); }

}  // namespace swiftavatar::cli
