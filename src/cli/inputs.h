#pragma once
// Which photos a command means, and where the outputs of each go.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "swiftavatar/image.h"

namespace swiftavatar::cli {

/// Photos as the command line names them.
struct InputOptions {
  std::vector<std::string> photos;  ///< files, folders, or "-"
  std::string files_from;           ///< a file with one path a line, or "-"
  bool nul = false;                 ///< -0: paths in files_from end with NUL
  bool recursive = false;
  int decode_timeout = 60;  ///< --decode-timeout: seconds for one photo
};

void add_input_options(CLI::App& app, InputOptions& options);

/// How the photos are decoded.
DecoderOptions decoder_options(const InputOptions& options);

/// One photo to be done.
struct Item {
  std::string path;            ///< as given; "-" is standard input
  std::filesystem::path stem;  ///< outputs are STEM.avatar.json, STEM.avatar.png ...
};

/// Files of folders that were left out since their names are no pictures': suffix in small letters, with the dot
/// (empty: none) -> how many.
using LeftOut = std::map<std::string, size_t>;

/// For example "3 files that are no pictures (.txt 2, .pdf 1)".
std::string text_of(const LeftOut& left_out);

/// Resolves the options to items in a stable order. Folders give their own picture files (with --recursive those below
/// too, tree kept), sorted; hidden files and what this program wrote are not looked at, other files are counted in
/// `left_out` and said in the log. A path that does not exist, or that no file can have, stays an item and fails as
/// one; the empty path has the stem `output`/"". Throws Failure: usage when there is nothing to do or two photos would
/// write the same files, naming both.
std::vector<Item> collect_items(const InputOptions& options, const std::filesystem::path& output,
                                LeftOut* left_out = nullptr);

/// One of several parts of a run, for machines that share the work: --shard 2/8.
struct Shard {
  size_t index = 1;  ///< 1 ... count
  size_t count = 1;

  std::string text() const { return std::to_string(index) + "/" + std::to_string(count); }
};

/// Reads "i/n". Throws Failure usage where 1 <= i <= n <= 1000000 does not hold.
Shard parse_shard(const std::string& text);

/// Keeps the items of one shard, in their order. Which these are depends on the names of all outputs alone, not on the
/// order in which the photos were named: a list that is found anew on each machine is split the same way.
std::vector<Item> items_of_shard(std::vector<Item> items, const Shard& shard);

/// Names of the files of one photo.
class OutputNames {
 public:
  /// `json`: how the JSON's name goes on behind the stem; ".json" where -o X.json was given. `root`: the run's output
  /// folder, which holds all; empty: the stem's folder.
  explicit OutputNames(std::filesystem::path stem, std::string json = ".avatar.json", std::filesystem::path root = {})
      : stem_(std::move(stem)), json_(std::move(json)), root_(root.empty() ? stem_.parent_path() : std::move(root)) {}

  /// False for a photo of no name, which has no files.
  bool exist() const { return stem_.has_filename(); }
  const std::filesystem::path& root() const { return root_; }

  /// `face`: 1, 2 ... with --face all, else 0.
  std::filesystem::path json(int face) const;
  std::filesystem::path picture(const std::string& preview, int face) const;
  std::filesystem::path error() const;

 private:
  std::filesystem::path with(const std::string& suffix) const;
  std::filesystem::path stem_;
  std::string json_;
  std::filesystem::path root_;
};

}  // namespace swiftavatar::cli
