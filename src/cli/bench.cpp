#include "cli/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/version.h"
#include "cli/option_values.h"
#include "estimate/pipeline.h"
#include "swiftavatar/gan.h"

namespace swiftavatar::cli {

using nlohmann::ordered_json;

namespace {

constexpr int kSteps = 4;  // of an inversion, of which one is told: whole and short ones take turns

/// How long a piece of work takes.
struct Row {
  std::string what;
  size_t batch = 1;
  double ms = 0;     ///< for one item of the batch
  double times = 0;  ///< as long as our way in the same rounds; 0: not compared
};

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// The median of several times, after one that does not count.
double median(size_t repeats, const std::function<void()>& work) {
  work();
  std::vector<double> times;
  for (size_t i = 0; i < repeats; ++i) times.push_back(milliseconds(work));
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(repeats / 2), times.end());
  return times[repeats / 2];
}

std::string times_text(double times) {
  char text[32];
  std::snprintf(text, sizeof text, "   %.2f times ours", times);
  return text;
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options)
      : options_(options),
        device_(open_device(options.common)),
        bundle_(open_bundle(options.common)),
        bytes_(read_file(options.photo, DecodeLimits{}.max_bytes).value()) {
    Parallel{.jobs = options.jobs}.limits(device_, 1);
  }

  std::vector<Row> run() {
    const FaceReader reader(bundle_, device_, FacePolicy::largest, /*for_inversion=*/true);
    const AlignedFace face = read(reader);
    if (options_.reference) {
      against_reference(face);
      return std::move(rows_);
    }
    add("decode to parse", 1, [&] { read(reader); });
    networks(face);
    for (const auto& [method, name] : kInversionMethods) end_to_end(method, std::string(name));
    return std::move(rows_);
  }

 private:
  AlignedFace read(const FaceReader& reader) const {
    InputFacts input{options_.photo.string(), std::nullopt, 0, 0};
    std::vector<std::string> warnings;
    Stopwatch watch;
    return reader.align(reader.find(bytes_, input, warnings, watch).front(), watch);
  }

  void networks(const AlignedFace& face) {
    const auto estimator = load_estimator(bundle_, estimator_role(bundle_, options_.common.engine).substr(10), device_);
    const auto inverter = load_inverter(bundle_, device_);
    const auto generator = load_generator(bundle_, "real_generator", device_);
    const Tensor code =
        inverter->invert({face.generator_image, face.generator_parts}, {InversionMethod::optimize, 1}).codes;
    for (const size_t batch : options_.batches) {
      Tensor codes{.shape = {static_cast<int64_t>(batch), code.shape[1], code.shape[2]}, .data = {}};
      for (size_t i = 0; i < batch; ++i) codes.data.insert(codes.data.end(), code.data.begin(), code.data.end());
      add("generator", batch, [&] { generator->generate(codes, CodeSpace::w_plus); });
      const std::vector<InversionInput> faces(batch, {face.generator_image, face.generator_parts});
      const double none = median(options_.repeats, [&] {
        inverter->invert_batch(faces, {InversionMethod::optimize, 0});
      });
      const double some = median(options_.repeats, [&] {
        inverter->invert_batch(faces, {InversionMethod::optimize, kSteps});
      });
      rows_.push_back({"inversion step", batch, std::max(0.0, some - none) / kSteps / static_cast<double>(batch)});
      const std::vector<EstimatorInput> inputs(batch, {face.image, face.parts, face.mesh});
      add("estimator", batch, [&] { estimator->estimate_batch(inputs); });
      add("estimator, network alone", batch, estimator->network(inputs));
    }
  }

  /// Generator and step of the official recipe, in our way and in the published one, by turns: what else the machine
  /// does meets both.
  void against_reference(const AlignedFace& face) {
    const auto inverter = load_inverter(bundle_, device_);
    const auto ours = load_generator(bundle_, "real_generator", device_),
               theirs = load_published_generator(bundle_, device_);
    const InversionInput input{face.generator_image, face.generator_parts};
    const InversionOptions none{.method = InversionMethod::optimize, .steps = 0, .recipe = InversionRecipe::official};
    const Tensor code = inverter->invert(input, none).codes;
    for (const size_t batch : options_.batches) {
      Tensor codes{.shape = {static_cast<int64_t>(batch), code.shape[1], code.shape[2]}, .data = {}};
      for (size_t i = 0; i < batch; ++i) codes.data.insert(codes.data.end(), code.data.begin(), code.data.end());
      const std::vector<InversionInput> faces(batch, input);
      const auto invert = [&](int steps, bool published_way) {
        const InversionOptions some{.method = InversionMethod::optimize,
                                    .steps = steps,
                                    .recipe = InversionRecipe::official,
                                    .published_way = published_way};
        return milliseconds([&] { inverter->invert_batch(faces, some); });
      };
      compare(
          "generator", batch, [&] { return milliseconds([&] { ours->generate(codes, CodeSpace::automatic); }); },
          [&] { return milliseconds([&] { theirs->generate(codes, CodeSpace::automatic); }); });
      compare(
          "inversion step", batch, [&] { return (invert(kSteps, false) - invert(0, false)) / kSteps; },
          [&] { return (invert(kSteps, true) - invert(0, true)) / kSteps; });
    }
  }

  void compare(const std::string& what, size_t batch, const std::function<double()>& ours,
               const std::function<double()>& theirs) {
    std::vector<double> own, published, ratios;
    for (size_t i = 0; i <= options_.repeats; ++i) {  // the first does not count
      spdlog::debug("{}, batch {}, round {}", what, batch, i);
      own.push_back(ours());
      published.push_back(theirs());
      ratios.push_back(published.back() / own.back());
    }
    const auto item = static_cast<double>(batch);
    rows_.push_back({what, batch, middle(own) / item});
    rows_.push_back({what + ", published", batch, middle(published) / item, middle(ratios)});
  }

  static double middle(std::vector<double> values) {
    values.erase(values.begin());
    const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), half, values.end());
    return *half;
  }

  /// Many copies of the photo through all stages with all pictures, as `estimate` does it, but for the files.
  void end_to_end(InversionMethod method, const std::string& name) {
    LoadedEngine engine = open_engine(options_.common);
    if (!engine.semantics) throw Failure(ErrorCode::engine_invalid, "The engine has no semantics; bench another one.");
    PipelineOptions pipeline_options;
    pipeline_options.inversion.method = method;
    if (method == InversionMethod::none) pipeline_options.previews = {"avatar", "sheet"};
    const Pipeline pipeline(bundle_, engine.engine, *engine.semantics, device_, pipeline_options, engine.native);
    pipeline.process(bytes_, options_.photo.string());
    const StagedLimits limits = Parallel{.jobs = options_.jobs}.limits(device_, options_.photos);
    const size_t photos = options_.photos * limits.threads;
    size_t started = 0;
    const double time = milliseconds([&] {
      StagedRun<PhotoWork, FaceWork>(
          limits, {.next = [&]() -> std::optional<PhotoWork> {
                     if (started == photos) return std::nullopt;
                     ++started;
                     return PhotoWork{};
                   },
                   .open =
                       [&](PhotoWork& photo) {
                         photo = pipeline.read(bytes_, options_.photo.string());
                         return std::exchange(photo.faces, {});
                       },
                   .before = [&](FaceWork& face) { return pipeline.align(face); },
                   .together = [&](const std::vector<FaceWork*>& batch) { pipeline.estimate(batch); },
                   .after = [&](FaceWork& face) { pipeline.draw(face); },
                   .close =
                       [](PhotoWork& photo, std::vector<FaceWork> faces) {
                         const PhotoOutcome outcome = Pipeline::outcome(std::move(photo), std::move(faces));
                         if (outcome.error) throw Failure(*outcome.error);
                       },
                   .done = [](PhotoWork&) {}})
          .run();
    });
    rows_.push_back({"photo, inversion " + name, limits.batch, time / static_cast<double>(photos)});
  }

  void add(const std::string& what, size_t batch, const std::function<void()>& work) {
    spdlog::debug("{}, batch {}", what, batch);
    rows_.push_back({what, batch, median(options_.repeats, work) / static_cast<double>(batch)});
  }

  const BenchOptions& options_;
  Device device_;
  Bundle bundle_;
  std::vector<uint8_t> bytes_;
  std::vector<Row> rows_;
};

}  // namespace

Verb setup_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* verb = app.add_subcommand("bench", "Measure how long each part of the work takes on this machine");
  verb->add_option("photo", options->photo, "A photo with a face")->type_name("PHOTO")->required();
  add_engine_option(*verb, options->common);
  add_bundle_option(*verb, options->common);
  add_device_option(*verb, options->common);
  verb->add_option("--batch-size", options->batches, "Numbers of faces that a network processes at once")
      ->delimiter(',')
      ->transform(whole_number(1, 256))
      ->type_name("N,N,...")
      ->capture_default_str();
  verb->add_option("--jobs", options->jobs, "Threads (default: one for each core)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  verb->add_flag("--reference", options->reference,
                 "Compare generator and inversion step with the published implementation");
  verb->add_option("--repeats", options->repeats, "How often to time each part; the median counts")
      ->transform(whole_number(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  verb->add_option("--photos", options->photos, "Number of photos for each job in the measurement of whole runs")
      ->transform(whole_number(1, 10000))
      ->type_name("N")
      ->capture_default_str();
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_bench(*options); }};
}

int run_bench(const BenchOptions& options) {
  start_log(options.common);
  Bench bench(options);
  const std::vector<Row> rows = bench.run();
  if (options.common.json) {
    ordered_json list = ordered_json::array();
    for (const Row& row : rows) {
      list.push_back({{"what", row.what}, {"batch", row.batch}, {"ms", row.ms}, {"per_second", 1000 / row.ms}});
      if (row.times > 0) list.back()["times_ours"] = row.times;
    }
    print_result(json_text({{"schema", "swiftavatar.bench/1"},
                            {"version", version()},
                            {"device", resolve_device(options.common.device).value().name},
                            {"bundle", options.common.bundle},
                            {"jobs", Parallel{.jobs = options.jobs}.threads()},
                            {"rows", list}}));
    return 0;
  }
  print_result("                            batch   ms for one   per second");
  for (const Row& row : rows) {
    char line[128];
    std::snprintf(line, sizeof line, "%-26s %6zu %12.2f %12.1f", row.what.c_str(), row.batch, row.ms, 1000 / row.ms);
    print_result(line + (row.times > 0 ? times_text(row.times) : ""));
  }
  return 0;
}

}  // namespace swiftavatar::cli
