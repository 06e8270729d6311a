#include "cli/estimate.h"

#include "cli/option_values.h"

namespace swiftavatar::cli {

Verb setup_estimate(CLI::App& app) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* verb = app.add_subcommand("estimate", "Turn face photos into cartoon avatars");
  verb->footer(
      "Examples:\n  swiftavatar estimate photo.jpg\n  swiftavatar estimate photos --recursive -o avatars --jsonl\n"
      "  find . -name '*.jpg' -print0 | swiftavatar estimate --files-from - -0 -o avatars");
  CommonOptions& common = options->common;
  add_input_options(*verb, options->inputs);
  add_output_option(*verb, common, "Output folder (default: the current one); X.json names the JSON of one photo");
  add_engine_option(*verb, common);
  add_style_option(*verb, common);
  verb->add_option("--semantics", options->semantics,
                   "File that says what the engine's variants show (default: beside its definition)")
      ->type_name("FILE");
  add_facesjs_option(*verb, common);
  add_render_command_options(*verb, options->render);
  add_catalogue_option(*verb, common);
  add_bundle_option(*verb, common);
  add_device_option(*verb, common);
  add_inversion_options(*verb, options->inversion, /*none=*/true);
  add_face_option(*verb, options->face);
  verb->add_option("--on-no-face", options->on_no_face, "What to do with a photo without a face")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str();
  verb->add_option("--previews", options->previews, "Pictures to write, separated by commas, or none")
      ->type_name("LIST|none")
      ->capture_default_str();
  verb->add_option("--results", options->results, "Also write the result of each face to this file, one a line")
      ->type_name("FILE.jsonl");
  verb->add_option("--shard", options->shard,
                   "Process part I of N of the photos, e.g. 1/8, to share the work among machines")
      ->type_name("I/N");
  verb->add_flag("--follow", options->follow,
                 "With --files-from -: process photos as their paths arrive, until the list ends");
  add_parallel_options(*verb, options->parallel);
  add_force_option(*verb, common);
  verb->add_flag("--dry-run", options->dry_run, "Print what would be done, and do nothing");
  verb->add_flag("--fail-fast", options->fail_fast, "Stop after the first failed photo");
  verb->add_option("--max-failures", options->max_failures, "Stop after this many failed photos (0: never)")
      ->type_name("N")
      ->transform(whole_number(0, 1'000'000'000));
  add_json_option(*verb, common);
  add_jsonl_option(*verb, common);
  add_talk_options(*verb, common);
  return {verb, [options] { return run_estimate(*options); }};
}

}  // namespace swiftavatar::cli
