#include "cli/inputs.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/text.h"
#include "cli/option_values.h"
#include "cli/path_list.h"
#include "swiftavatar/result.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLongestList = 256 << 20;  // bytes of --files-from

/// Whether this program writes files of such a name.
bool is_own_output(const fs::path& path) {
  static const std::set<std::pair<std::string, std::string>> endings = {
      {".avatar", ".png"},  {".face", ".png"},   {".domain", ".png"}, {".sheet", ".png"},
      {".avatar", ".json"}, {".error", ".json"}, {".codes", ".npy"}};
  return endings.contains({path.stem().extension().string(), lower(path.extension().string())});
}

/// The photos of a folder. What no suffix tells to be a picture is counted; hidden files and this program's own are
/// not.
std::vector<fs::path> photos_below(const fs::path& folder, bool recursive, LeftOut& left_out) {
  std::vector<fs::path> found;
  const auto visit = [&](const fs::directory_entry& entry) {
    std::error_code error;
    const fs::path& path = entry.path();
    if (path.filename().string().starts_with('.') || entry.is_directory(error) || is_own_output(path)) return;
    if (!has_picture_suffix(path)) {
      ++left_out[lower(path.extension().string())];
    } else if (entry.is_regular_file(error)) {
      found.push_back(path);
    } else {
      spdlog::warn("{}: skipped, it is not a regular file", path.string());
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
  const std::string_view text(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
  return split_list(text, options.nul, options.files_from == "-" ? "standard input" : options.files_from);
}

/// Where the outputs of a photo go that is named by itself.
fs::path relative_output(const std::string& path) {
  if (path == "-") return "stdin";
  const fs::path file(path);  // "gone/" has no file name
  return file.has_filename() ? file.filename() : file.parent_path().filename();
}

}  // namespace

void add_input_options(CLI::App& app, InputOptions& options) {
  app.add_option("photos", options.photos, "Photos, folders of photos, or - for one photo on standard input")
      ->type_name("PHOTO|FOLDER|-");
  app.add_option("--files-from", options.files_from, "File with more paths, one a line; - for standard input")
      ->type_name("FILE|-");
  app.add_flag("-0,--null", options.nul, "Paths in --files-from end with NUL instead of a line feed");
  app.add_flag("--recursive", options.recursive, "Search folders recursively; mirror their structure in the output");
  app.add_option("--decode-timeout", options.decode_timeout, "Time limit for decoding one photo")
      ->type_name("SECONDS")
      ->transform(whole_number(1, 86400))
      ->capture_default_str();
}

DecoderOptions decoder_options(const InputOptions& options) {
  return {.time = std::chrono::seconds(options.decode_timeout)};
}

std::string text_of(const LeftOut& left_out) {
  constexpr size_t kMostNamed = 5, kLongestNamed = 12;
  std::vector<std::pair<size_t, std::string>> kinds;
  size_t files = 0, others = 0;
  for (const auto& [suffix, count] : left_out) {
    files += count;
    const bool plain = std::all_of(suffix.begin(), suffix.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    if (suffix.size() <= kLongestNamed && plain) {
      kinds.emplace_back(count, suffix.empty() ? "no suffix" : suffix);
    } else {
      others += count;
    }
  }
  std::stable_sort(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string list;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (i >= kMostNamed) {
      others += kinds[i].first;
    } else {
      list += (list.empty() ? "" : ", ") + kinds[i].second + " " + std::to_string(kinds[i].first);
    }
  }
  if (others > 0) list += (list.empty() ? "" : ", ") + std::string("others ") + std::to_string(others);
  return std::to_string(files) + (files == 1 ? " file that is no picture (" : " files that are no pictures (") + list +
         ")";
}

std::vector<Item> collect_items(const InputOptions& options, const fs::path& output, LeftOut* left_out) {
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
  LeftOut not_pictures;
  std::set<std::string> seen;                // the same photo named twice is one item
  std::map<std::string, std::string> stems;  // output stem -> photo
  const auto add = [&](const std::string& path, const fs::path& relative) {
    const fs::path stem = output / relative.parent_path() / relative.stem();
    if (!seen.insert(path == "-" ? path : absolute_path(path).string()).second) return;
    const auto [other, fresh] = stems.emplace(stem.lexically_normal().string(), path);
    if (!fresh) {
      throw Failure(ErrorCode::usage, other->second + " and " + path + " would both write " + stem.string() +
                                          ".avatar.json; rename one of them, or run them with different -o.");
    }
    items.push_back({path, stem});
  };
  for (const std::string& path : given) {
    if (path != "-" && path.find('\0') == std::string::npos && is_folder(path)) {
      for (const fs::path& photo : photos_below(path, options.recursive, not_pictures)) {
        add(photo.string(), photo.lexically_relative(path));
      }
    } else {
      add(path, relative_output(path));
    }
  }
  if (!not_pictures.empty()) {
    spdlog::info("{} {}; left out {}", items.size(), items.size() == 1 ? "photo" : "photos", text_of(not_pictures));
  }
  if (left_out) *left_out = std::move(not_pictures);
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
  kept.reserve(mine.size());
  for (const size_t index : mine) kept.push_back(std::move(items[index]));
  return kept;
}

fs::path OutputNames::with(const std::string& suffix) const {
  fs::path path = stem_;
  path += suffix;
  return path;
}

fs::path OutputNames::json(int face) const { return with((face > 0 ? ".face" + std::to_string(face) : "") + json_); }

fs::path OutputNames::picture(const std::string& preview, int face) const {
  return with((face > 0 ? ".face" + std::to_string(face) : "") + "." + preview + ".png");
}

fs::path OutputNames::error() const { return with(".error.json"); }

}  // namespace swiftavatar::cli
