#include "cli/doctor.h"

#include <thread>

#include <opencv2/core.hpp>

#include "avatar/engine_store.h"
#include "base/boundary.h"
#include "base/program_files.h"
#include "base/version.h"
#include "cli/models.h"
#include "estimate/pipeline.h"
#include "swiftavatar/gan.h"
#include "swiftavatar/image.h"

namespace swiftavatar::cli {

using nlohmann::ordered_json;

namespace {

/// In how many places of each network fused operators replace plain ones on the GPU.
std::string fused_text(const Bundle& bundle, const Device& device) {
  std::string text;
  const auto add = [&text](const std::string& role, int count) {
    text += (text.empty() ? "" : ", ") + role + " " + std::to_string(count);
  };
  for (const auto& [role, entry] : bundle.entries()) {
    if (role == "real_generator" || role.starts_with("avatar_generator:"))
      add(role, load_generator(bundle, role, device)->fused());
  }
  add("inversion", load_inverter(bundle, device)->fused());
  return text + (uses_tf32() ? "; with TF32" : "; without TF32");
}

/// One line of the report. `error` is a fault; a note is neither good nor bad.
struct Finding {
  std::string subject, text;
  std::optional<Error> error;
};

std::vector<Finding> examine(const CommonOptions& options) {
  std::vector<Finding> findings;
  const auto fine = [&](const std::string& subject, const std::string& text) {
    findings.push_back({subject, text, {}});
  };
  const auto attempt = [&](const std::string& subject, const auto& check) {
    try {
      fine(subject, check());
    } catch (...) {
      const Error error = error_in_flight(unexpected());
      findings.push_back({subject, error.message, error});
    }
  };
  fine("program", "swiftavatar " + std::string(version()) + ", compiler " __VERSION__ + ", C++ ABI " +
                      (_GLIBCXX_USE_CXX11_ABI ? "new" : "old"));
  fine("OpenCV", CV_VERSION);
  attempt("LibTorch", [] { return torch_version(); });
  attempt("decoder", [] {
    const DecoderOptions options{.program = helper_program("swiftavatar-decode", "reads photos")};
    const std::vector<uint8_t> picture = encode_png(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0)));
    PhotoDecoder(options).decode(picture, "a picture of one pixel").value();
    return options.program.string();
  });
  attempt("drawer", [] {
    const DrawerOptions options{.program = helper_program("swiftavatar-draw", "draws avatars")};
    SvgDrawer(options).draw("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 1).value();
    return options.program.string();
  });
  attempt("sandbox", [] { return PhotoDecoder().sandbox(); });
  fine("processors", std::to_string(std::thread::hardware_concurrency()));
  std::string folders;
  for (const auto& folder : data_folders(options)) folders += (folders.empty() ? "" : ", ") + folder.string();
  attempt("data", [&] {
    if (folders.empty()) {
      throw Failure(ErrorCode::model_missing,
                    "No data folder was found; install the program, set SWIFTAVATAR_DATA or give "
                    "--data-dir.");
    }
    return folders;
  });
  attempt("device", [&] {
    const Device device = resolve_device(options.device).value();
    return device.name + (device.fell_back ? " (no usable GPU was found)" : "");
  });
  attempt("bundle", [&] {
    const Bundle bundle = open_bundle(options);
    size_t count = 0;
    for (const VerifiedModel& model : verify_bundle(bundle)) {
      if (model.error) throw Failure(*model.error);
      ++count;
    }
    PipelineOptions pipeline;
    Pipeline::model_files(bundle, options.engine, pipeline);  // throws when a role is missing
    return bundle.dir().string() + ", " + std::to_string(count) + " models, all as the manifest says";
  });
  if (const auto device = resolve_device(options.device); device.ok() && device.value().name != "cpu") {
    attempt("fused operators", [&] { return fused_text(open_bundle(options), device.value()); });
  }
  for (const std::string& name : list_engines(data_folders(options))) {
    attempt("engine " + name, [&] {
      CommonOptions one = options;
      one.engine = name;
      const LoadedEngine loaded = open_engine(one);
      return std::to_string(loaded.engine.components().size()) + " components, " +
             std::to_string(loaded.engine.sliders().size()) + " sliders" +
             (loaded.semantics ? "" : ", without semantics");
    });
  }
  return findings;
}

}  // namespace

Verb setup_doctor(CLI::App& app) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* verb = app.add_subcommand("doctor", "Check what works on this machine");
  add_bundle_option(*verb, options->common);
  add_device_option(*verb, options->common);
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_doctor(*options); }};
}

int run_doctor(const DoctorOptions& options) {
  start_log(options.common);
  std::optional<Error> first;
  ordered_json findings = ordered_json::array();
  for (const Finding& finding : examine(options.common)) {
    if (finding.error && !first) first = finding.error;
    if (options.common.json) {
      findings.push_back({{"subject", finding.subject},
                          {"status", finding.error ? to_string(finding.error->code) : "ok"},
                          {"text", finding.text}});
    } else {
      print_result((finding.error ? "fault  " : "ok     ") + finding.subject + ": " + finding.text);
    }
  }
  if (options.common.json) print_result(json_text({{"ok", !first}, {"findings", findings}}));
  return first ? exit_status(first->code) : 0;
}

}  // namespace swiftavatar::cli
