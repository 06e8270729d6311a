#include "cli/estimate.h"

#include <unistd.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/boundary.h"
#include "base/claims.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/interrupt.h"
#include "cli/option_values.h"
#include "cli/path_stream.h"
#include "cli/progress.h"
#include "cli/publish.h"
#include "cli/settings.h"
#include "estimate/pipeline.h"
#include "swiftavatar/image.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

std::set<std::string> parse_previews(const EstimateOptions& options) {
  const std::set<std::string> known = {"avatar", "face", "domain", "sheet"};
  if (options.previews == "none") return {};
  std::set<std::string> wanted;
  std::istringstream list(options.previews);
  for (std::string name; std::getline(list, name, ',');) {
    if (!known.contains(name)) {
      throw Failure(ErrorCode::usage,
                    "--previews " + options.previews + ": choose some of avatar,face,domain,sheet or none.");
    }
    wanted.insert(name);
  }
  // Without an inversion there is no face and no domain picture.
  if (options.inversion.method == "none")
    std::erase_if(wanted, [](const auto& name) { return name == "face" || name == "domain"; });
  return wanted;
}

/// The options as results carry them, with their digest. Engine and semantics count by content, wherever they lie.
ordered_json options_json(const EstimateOptions& options, const PipelineOptions& pipeline, const LoadedEngine& engine) {
  ordered_json json{{"engine", engine.engine.name()},
                    {"semantics_sha256", engine.semantics_sha256},
                    {"inversion", options.inversion.method},
                    {"steps", pipeline.inversion.method == InversionMethod::optimize ? pipeline.inversion.steps : 0},
                    {"face", options.face},
                    {"previews", pipeline.previews}};
  if (options.inversion.method == "optimize" && options.inversion.recipe != "default")
    json["recipe"] = options.inversion.recipe;
  if (!options.render.command.empty()) json["render_command"] = options.render.command;
  if (!engine.catalogue_sha256.empty()) json["catalogue_sha256"] = engine.catalogue_sha256;
  json["digest"] = options_digest(json);
  return json;
}

/// With --follow no photo is known when the work begins.
std::vector<Item> first_items(const EstimateOptions& options, const fs::path& output, LeftOut& left_out) {
  if (!options.follow) return collect_items(options.inputs, output, &left_out);
  const bool alone =
      options.inputs.photos.empty() && options.shard.empty() && !options.dry_run && output == options.common.output;
  if (options.inputs.files_from != "-" || !alone) {
    throw Failure(ErrorCode::usage,
                  "--follow takes its photos from --files-from - alone, into a folder; leave out --shard, --dry-run "
                  "and other photos.");
  }
  return {};
}

/// One run over many photos.
class EstimateRun {
 public:
  explicit EstimateRun(const EstimateOptions& options);
  int run();

 private:
  void prepare_outputs();
  /// A photo on its way through the stages, and what they left for the report.
  struct Job {
    const Item* item;
    PhotoWork photo;
    std::vector<ordered_json> results;
    std::string cause;     ///< of its error
    bool skipped = false;  ///< an earlier run has done it, or another process
    bool waited = false;   ///< another process had it before
    std::optional<Claims::Claim> claim;
  };
  /// One of its faces.
  struct FaceJob {
    const Item* item;
    FaceWork face;
  };

  void work();
  void work_as_paths_come();
  std::vector<Item> items_of(std::vector<std::string> paths);
  std::optional<Job> next();
  std::vector<FaceJob> read(Job& job);
  std::optional<std::vector<uint8_t>> bytes_to_do(Job& job) const;
  void draw(FaceJob& job);
  void write(Job& job, std::vector<FaceJob> faces);
  void count(Job& job);
  Result<std::vector<uint8_t>> read_bytes(const Item& item) const;
  const Pipeline& pipeline();
  void report(std::vector<ordered_json> results, const OutputNames& names);
  int dry_run();
  int finish(const std::optional<Error>& error);
  fs::path output_folder() const;
  OutputNames names_of(const Item& item) const {
    const std::string json = json_named_ ? options_.common.output.extension().string() : ".avatar.json";
    return OutputNames(item.stem, json, output_folder());
  }
  bool stop_early() const;

  const EstimateOptions& options_;
  bool json_named_ = false;  // -o X.json
  LeftOut left_out_;
  std::vector<Item> items_;                   // with --follow those of the round
  std::map<fs::path, std::string> followed_;  // with --follow: stem -> photo, of all rounds
  size_t photos_ = 0;
  std::optional<Shard> shard_;
  PipelineOptions pipeline_options_;
  Device device_;
  Bundle bundle_;
  LoadedEngine engine_;
  RunFacts facts_;
  std::unique_ptr<Pipeline> pipeline_;
  std::once_flag pipeline_made_;
  Descriptor results_file_;  // of --results
  std::optional<Progress> progress_;
  std::optional<Claims> claims_;

  size_t started_ = 0;
  std::vector<const Item*> pending_, others_;  // to be started; those that another process has in hand
  bool waited_ = false;                        // the pending ones were others'
  std::vector<ordered_json> results_;
  size_t done_ = 0, skipped_ = 0, failed_ = 0, avatars_ = 0, without_face_ = 0;
  std::map<std::string, size_t> errors_;  // code of a failure -> photos
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

EstimateRun::EstimateRun(const EstimateOptions& options)
    : options_(options),
      json_named_(lower(options.common.output.extension().string()) == ".json" && !is_folder(options.common.output)),
      items_(
          first_items(options, json_named_ ? options.common.output.parent_path() : options.common.output, left_out_)),
      pipeline_options_{options.inversion.options(),       face_policy(options.face),       parse_previews(options),
                        external_renderer(options.render), decoder_options(options.inputs), draw_time(options.render)},
      device_(open_device(options.common)),
      bundle_(open_bundle(options.common)),
      engine_(open_engine(options.common, options.semantics)) {
  if (json_named_) {
    check_output_file(options.common.output);
    if (items_.size() != 1) {
      throw Failure(ErrorCode::usage, "-o " + options.common.output.string() + " names one JSON file, but there are " +
                                          std::to_string(items_.size()) + " photos; give a folder instead.");
    }
    items_.front().stem = fs::path(options.common.output).replace_extension();
  }
  if (!options.shard.empty()) {
    shard_ = parse_shard(options.shard);
    items_ = items_of_shard(std::move(items_), *shard_);  // only now: photos of one name are found in the whole list
  }
  if (!engine_.semantics) {
    throw Failure(ErrorCode::engine_invalid,
                  "The engine " + engine_.engine.name() +
                      " has no semantics, so nobody knows what its "
                      "variants show; draft them with: swiftavatar engines semantics " +
                      (options.common.style_file.empty() ? options.common.engine : options.common.style_file.string()) +
                      " -o FILE; look them over and give them with --semantics FILE.");
  }
  facts_.version = version();
  facts_.device = device_.name;
  facts_.bundle = bundle_.name();
  facts_.files = Pipeline::model_files(bundle_, engine_.engine.name(), pipeline_options_);
  facts_.engine = engine_.engine.name();
  facts_.engine_sha256 = engine_.engine.sha256();
  facts_.options = options_json(options, pipeline_options_, engine_);
}

const Pipeline& EstimateRun::pipeline() {
  std::call_once(pipeline_made_, [this] {
    pipeline_ = std::make_unique<Pipeline>(bundle_, engine_.engine, *engine_.semantics, device_, pipeline_options_,
                                           engine_.native);
  });
  return *pipeline_;
}

Result<std::vector<uint8_t>> EstimateRun::read_bytes(const Item& item) const {
  const size_t limit = DecodeLimits{}.max_bytes;
  return item.path == "-" ? read_descriptor(STDIN_FILENO, "standard input", limit) : read_file(item.path, limit);
}

void EstimateRun::report(std::vector<ordered_json> results, const OutputNames& names) {
  for (ordered_json& result : results) {
    const bool ok = result["status"] == "ok";
    if (results_file_.is_open()) {
      write_line(results_file_.get(), json_text(result, false), "--results " + options_.results.string());
    }
    if (options_.common.jsonl) {
      print_result(json_text(result, false));
    } else if (options_.common.json) {
      results_.push_back(std::move(result));
    } else if (ok) {
      print_result(names.json(options_.face == "all" ? result["face"]["index"].get<int>() : 0).string());
    }
  }
}

std::optional<EstimateRun::Job> EstimateRun::next() {
  while (started_ < pending_.size() && !stop_early()) {
    const Item* item = pending_[started_++];
    // By the name of the output, which is what two processes would both write.
    if (auto claim = claims_->take(item->stem.lexically_relative(output_folder()).string())) {
      return Job{.item = item, .waited = waited_, .claim = std::move(*claim)};
    }
    others_.push_back(item);
  }
  return std::nullopt;
}

std::vector<EstimateRun::FaceJob> EstimateRun::read(Job& job) {
  job.photo.input.path = job.item->path;
  std::optional<std::vector<uint8_t>> bytes;
  job.photo.error = item_error(job.item->path, [&] { bytes = bytes_to_do(job); });
  if (!bytes) return {};
  const Pipeline& models = pipeline();  // what is wrong with a model is no photo's fault
  job.photo = models.read(*bytes, job.item->path);
  std::vector<FaceJob> faces;
  for (FaceWork& face : std::exchange(job.photo.faces, {})) faces.push_back({job.item, std::move(face)});
  return faces;
}

/// The photo's bytes, or nothing where an earlier run has done it.
std::optional<std::vector<uint8_t>> EstimateRun::bytes_to_do(Job& job) const {
  auto bytes = read_bytes(*job.item).value();
  if (!options_.common.force || job.waited) {
    if (auto results = finished(sha256_hex(bytes), facts_, names_of(*job.item), options_.face == "all")) {
      job.results = std::move(*results);
      job.skipped = true;
      return std::nullopt;
    }
  }
  return bytes;
}

void EstimateRun::draw(FaceJob& job) {
  pipeline().draw(job.face, [&](FaceOutcome& outcome) {
    publish_pictures(outcome, names_of(*job.item), options_.face == "all" ? outcome.facts.index : 0);
  });
}

void EstimateRun::write(Job& job, std::vector<FaceJob> jobs) {
  if (job.skipped) return;
  const OutputNames names = names_of(*job.item);
  std::vector<FaceWork> faces;
  faces.reserve(jobs.size());
  for (FaceJob& face : jobs) faces.push_back(std::move(face.face));
  PhotoOutcome outcome = Pipeline::outcome(std::move(job.photo), std::move(faces));
  if (outcome.error) job.cause = outcome.error->cause;
  if (outcome.error && outcome.error->code == ErrorCode::no_face && options_.on_no_face == "skip") {
    withdraw_avatars(names);
    withdraw_error(names);
    job.results = {error_json(facts_, outcome.input, *outcome.error)};
    return;
  }
  job.results = publish(std::move(outcome), facts_, names, options_.face == "all");
}

/// Counts a photo that is done and says what came of it.
void EstimateRun::count(Job& job) {
  const std::string& path = job.item->path;
  const ordered_json& first = job.results.front();
  const bool ok = first["status"] == "ok";
  if (ok) {
    ++(job.skipped ? skipped_ : done_);
    avatars_ += job.results.size();
    if (job.skipped) spdlog::debug("{}: done already", path);
  } else if (first["status"] == to_string(ErrorCode::no_face) && options_.on_no_face == "skip") {
    ++without_face_;
    spdlog::info("{}: skipped, no face was found", path);
  } else {
    ++failed_;
    ++errors_[first["status"].get<std::string>()];
    log_error(first["error"]["message"].get<std::string>(), job.cause);
  }
  job.claim.reset();
  progress_->show(done_ + skipped_ + without_face_ + failed_, failed_, path);
  report(std::move(job.results), names_of(*job.item));
}

bool EstimateRun::stop_early() const {
  if (interrupt_signal() != 0) return true;
  const size_t most = options_.fail_fast ? 1 : options_.max_failures;
  return most > 0 && failed_ >= most;
}

fs::path EstimateRun::output_folder() const {
  const fs::path folder = json_named_ ? options_.common.output.parent_path() : options_.common.output;
  return folder.empty() ? "." : folder;
}

void EstimateRun::prepare_outputs() {
  if (const auto error = prepare_output_folder(output_folder())) throw Failure(*error);
  std::set<fs::path> folders = {output_folder()};
  for (const Item& item : items_) folders.insert(item.stem.parent_path());
  for (const fs::path& folder : folders) sweep_temporaries(folder.empty() ? "." : folder);
  claims_.emplace(output_folder());
  if (options_.results.empty()) return;
  results_file_ = open_lines_file(options_.results, "--results " + options_.results.string());
}

/// Says what would be done and changes nothing: "do" or "skip", the photo, its JSON, apart by tabs.
int EstimateRun::dry_run() {
  for (const Item& item : items_) {
    const OutputNames names = names_of(item);
    const bool all_faces = options_.face == "all";
    bool skip = false;
    if (!options_.common.force && item.path != "-") {
      const auto bytes = read_bytes(item);
      skip = bytes.ok() && finished(sha256_hex(bytes.value()), facts_, names, all_faces);
    }
    const std::string target = names.json(all_faces ? 1 : 0).string();
    if (options_.common.json || options_.common.jsonl) {
      print_result(json_text({{"action", skip ? "skip" : "do"}, {"input", item.path}, {"output", target}}, false));
    } else {
      print_result(std::string(skip ? "skip" : "do") + '\t' + item.path + '\t' + target);
    }
  }
  return 0;
}

int EstimateRun::finish(const std::optional<Error>& error) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (options_.common.json) {
    const bool single = !shard_ && !options_.follow && items_.size() == 1 && results_.size() == 1 && !error;
    if (single) {
      print_result(json_text(results_.front()));
    } else {
      ordered_json run{{"schema", kRunSchema}, {"results", results_}};
      run["summary"] = {{"photos", photos_},   {"done", done_},
                        {"skipped", skipped_}, {"without_face", without_face_},
                        {"failed", failed_},   {"errors", errors_},
                        {"avatars", avatars_}, {"seconds", std::round(seconds * 1000) / 1000}};
      if (!left_out_.empty()) run["summary"]["left_out"] = left_out_;
      if (shard_) run["summary"]["shard"] = shard_->text();
      run["error"] =
          error ? ordered_json{{"code", to_string(error->code)}, {"message", error->message}} : ordered_json();
      print_result(json_text(run));
    }
  } else if (options_.common.jsonl && error) {
    print_result(json_text(run_failure(*error), false));
  }
  if (error) {
    log_error(error->message, error->cause);
    return exit_status(error->code);
  }
  if (photos_ > 1 || failed_ > 0) {
    std::string codes;
    for (const auto& [code, count] : errors_)
      codes += (codes.empty() ? " (" : ", ") + std::to_string(count) + " " + code;
    if (!codes.empty()) codes += ")";
    spdlog::info("{}{} of {} photos done, {} skipped, {} without a face, {} failed{}, {:.1f} s",
                 shard_ ? "shard " + shard_->text() + ": " : "", done_, photos_, skipped_, without_face_, failed_,
                 codes, seconds);
  }
  return failed_ > 0 ? 1 : 0;
}

/// The items of a round of --follow. A photo may come again in a later round, and is answered again.
std::vector<Item> EstimateRun::items_of(std::vector<std::string> paths) {
  InputOptions round = options_.inputs;
  round.photos = std::move(paths);
  round.files_from.clear();
  std::vector<Item> items = collect_items(round, options_.common.output);
  for (const Item& item : items) {
    if (item.path == "-") throw Failure(ErrorCode::usage, "Standard input cannot be both a photo and --files-from -.");
    const auto [other, fresh] = followed_.emplace(item.stem.lexically_normal(), item.path);
    if (!fresh && other->second != item.path) {
      throw Failure(ErrorCode::usage, other->second + " and " + item.path + " would both write " + item.stem.string() +
                                          ".avatar.json; rename one of them, or run them with different -o.");
    }
  }
  return items;
}

/// What has come by the time that the photos before are done is a round: nobody who waits for answers waits for paths
/// that do not come.
void EstimateRun::work_as_paths_come() {
  PathStream stream(STDIN_FILENO, options_.inputs.nul);
  for (auto paths = stream.next(); !paths.empty() && !stop_early(); paths = stream.next()) {
    items_ = items_of(std::move(paths));
    photos_ += items_.size();
    waited_ = false;
    work();
  }
}

/// Does all items; those that another process has in hand are looked at again when all others are behind us.
void EstimateRun::work() {
  const StagedLimits limits =
      options_.parallel.limits(device_, options_.follow ? SIZE_MAX : items_.size(), options_.face == "all");
  pending_.clear();
  started_ = 0;
  for (const Item& item : items_) pending_.push_back(&item);
  while (!pending_.empty() && !stop_early()) {
    StagedRun<Job, FaceJob>(limits,
                            {.next = [this] { return next(); },
                             .open = [this](Job& job) { return read(job); },
                             .before = [this](FaceJob& job) { return pipeline().align(job.face); },
                             .together =
                                 [this](const std::vector<FaceJob*>& jobs) {
                                   std::vector<FaceWork*> faces;
                                   faces.reserve(jobs.size());
                                   for (FaceJob* job : jobs) faces.push_back(&job->face);
                                   pipeline().estimate(faces);
                                 },
                             .after = [this](FaceJob& job) { draw(job); },
                             .close = [this](Job& job, std::vector<FaceJob> faces) { write(job, std::move(faces)); },
                             .done = [this](Job& job) { count(job); }})
        .run();
    if (!others_.empty() && !waited_) {
      spdlog::info("{} photos are in work in another process; waiting for it.", others_.size());
    }
    if (others_.size() == pending_.size()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    pending_ = std::exchange(others_, {});
    started_ = 0;
    waited_ = true;
  }
}

int EstimateRun::run() {
  photos_ = items_.size();
  if (items_.empty() && !options_.follow) {
    spdlog::info("There is no photo in {}; nothing is done.", shard_ ? "this shard"
                                                              : options_.inputs.photos.empty()
                                                                  ? "the list of --files-from"
                                                                  : "the folder");
  }
  if (options_.dry_run) return dry_run();
  prepare_outputs();
  watch_interrupts();
  try {
    progress_.emplace(items_.size(), options_.common.quiet);
    options_.follow ? work_as_paths_come() : work();
    progress_.reset();
  } catch (const ReaderGone&) {
    progress_.reset();
    spdlog::error(
        "Standard output was closed by its reader when {} of {} photos were done; run the same command again to do the "
        "rest.",
        done_ + skipped_ + without_face_ + failed_, photos_);
    return kReaderGoneStatus;
  } catch (...) {
    progress_.reset();
    return finish(error_in_flight(unexpected()));
  }
  if (const int signal = interrupt_signal()) {
    finish(Error{ErrorCode::interrupted, "Interrupted; run the same command again to do the rest."});
    return interrupt_status(signal);
  }
  return finish(std::nullopt);
}

}  // namespace

int run_estimate(const EstimateOptions& options) {
  start_log(options.common);
  return EstimateRun(options).run();
}

}  // namespace swiftavatar::cli
