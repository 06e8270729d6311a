#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/program_files.h"
#include "base/workers.h"
#include "draw/rasterise.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar {

namespace {

constexpr int kMaxSize = 8192;
constexpr const char* kPurpose = "draws avatars";

WorkerOptions worker_options(const DrawerOptions& options, std::vector<std::string> arguments) {
  const auto program = options.program.empty() ? helper_program("swiftavatar-draw", kPurpose) : options.program;
  return {program, kPurpose, options.memory, std::move(arguments)};
}

Error failed(const std::string& reason) { return {ErrorCode::render_failed, reason}; }

std::optional<Error> refuse_size(int size) {
  if (size >= 1 && size <= kMaxSize) return std::nullopt;
  return failed("a picture has 1 to " + std::to_string(kMaxSize) + " pixels a side, not " + std::to_string(size));
}

}  // namespace

SvgDrawer::SvgDrawer(DrawerOptions options) : options_(std::move(options)) {}

SvgDrawer::~SvgDrawer() = default;

/// Fonts take longer to load than librsvg does to draw, and hardly any avatar has text.
const Workers& SvgDrawer::workers(bool with_text) const {
  const std::lock_guard lock(mutex_);
  auto& workers = with_text ? with_text_ : plain_;
  if (!workers) {
    auto arguments = with_text ? std::vector<std::string>{"text"} : std::vector<std::string>{};
    workers = std::make_unique<Workers>(worker_options(options_, std::move(arguments)));
  }
  return *workers;
}

/// Sends a request; `take` reads the answer where it is no error.
std::optional<Error> SvgDrawer::ask(const nlohmann::json& head, const std::string& svg, std::chrono::milliseconds time,
                                    const std::function<std::span<uint8_t>(const nlohmann::json&)>& take) const {
  std::optional<Error> error;
  const auto read = [&](const nlohmann::json& answer, uint64_t) -> std::span<uint8_t> {
    if (!answer.contains("message")) return take(answer);
    error = failed(answer["message"].get<std::string>());
    return {};
  };
  const std::span<const uint8_t> body(reinterpret_cast<const uint8_t*>(svg.data()), svg.size());
  const auto fault = workers(svg.find("<text") != std::string::npos).ask(head, body, time, read);
  if (!fault) return error;
  const std::string what = fault->stalled ? "was not drawn within " + seconds_text(time)
                                          : "made the program crash that draws it (" + fault->ending + ")";
  return failed("the avatar " + what +
                ": the engine's definition asks for too much, or the picture is too large; draw it smaller or mend the "
                "definition.");
}

Result<cv::Mat> SvgDrawer::draw(const std::string& svg, int size, std::chrono::milliseconds time) const {
  if (const auto error = refuse_size(size)) return *error;
  cv::Mat image;
  const auto error = ask({{"size", size}}, svg, time, [&](const nlohmann::json& answer) -> std::span<uint8_t> {
    const auto rows = answer.at("rows").get<int64_t>(), columns = answer.at("columns").get<int64_t>();
    if (std::min(rows, columns) < 1 || std::max(rows, columns) != size) throw BadAnswer{};
    image.create(static_cast<int>(rows), static_cast<int>(columns), CV_8UC4);
    return {image.data, image.total() * image.elemSize()};
  });
  if (error) return *error;
  return image;
}

Result<cv::Rect2d> SvgDrawer::measure(const std::string& svg, const std::string& id, cv::Size size) const {
  cv::Rect2d box;
  const nlohmann::json head{{"measure", id}, {"width", size.width}, {"height", size.height}};
  const auto error = ask(head, svg, kDrawTime, [&](const nlohmann::json& answer) -> std::span<uint8_t> {
    const auto sides = answer.at("box").get<std::array<double, 4>>();
    if (!std::all_of(sides.begin(), sides.end(), [](double side) { return std::isfinite(side); })) throw BadAnswer{};
    box = {sides[0], sides[1], sides[2], sides[3]};
    return {};
  });
  if (error) return *error;
  return box;
}

std::string SvgDrawer::sandbox() const { return workers(false).sandbox(); }

const SvgDrawer& shared_drawer() {
  static const SvgDrawer drawer;
  return drawer;
}

Result<cv::Mat> render_svg(const std::string& svg, int size, std::chrono::milliseconds time) {
  return shared_drawer().draw(svg, size, time);
}

Result<cv::Mat> draw_avatar(const Engine& engine, const Avatar& avatar, int size, std::chrono::milliseconds time) {
  const std::string svg = engine.svg(avatar);
  if (!engine.is_shipped()) return render_svg(svg, size, time);
  if (const auto error = refuse_size(size)) return *error;
  auto drawn = rasterise(svg, size);
  if (!drawn.ok()) return drawn.error();
  Picture& picture = drawn.value();
  return cv::Mat(picture.rows, picture.columns, CV_8UC4, picture.rgba.data()).clone();
}

}  // namespace swiftavatar
