// Draws many avatars at once, without LibTorch: what the tests compare with DiceBear's own core, and its cost.
//
//   draw_avatars <requests.json >answers.json
//
// A request: {"definition": PATH, "natives": [DiceBear options, …]}. Its answer: [{"svg": TEXT, "native": the options
// that our avatar of them writes}, …]. With "others": [SVG, …] and "repeat": N, each also has the best of N times in ms
// of "ours" (from the avatar to our pixels) and of "theirs" (librsvg alone reads and draws the other SVG), at 256
// pixels.

#include <chrono>
#include <iostream>
#include <limits>

#include <librsvg/rsvg.h>

#include "avatar/dicebear_options.h"

namespace {

using namespace swiftavatar;
using nlohmann::ordered_json;

constexpr int kSize = 256;

template <class Work>
double milliseconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void draw_plainly(const std::string& svg) {
  RsvgHandle* handle = rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), nullptr);
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, kSize, kSize);
  cairo_t* context = cairo_create(surface);
  const RsvgRectangle viewport{0, 0, kSize, kSize};
  const bool drawn = handle && rsvg_handle_render_document(handle, context, &viewport, nullptr);
  cairo_destroy(context);
  cairo_surface_destroy(surface);
  if (handle) g_object_unref(handle);
  if (!drawn) throw std::runtime_error("librsvg cannot draw the other SVG");
}

ordered_json draw(const Engine& engine, const nlohmann::json& native) {
  const DicebearOptions format(engine);
  const Avatar avatar = engine.check(format.read(native).value()).value();
  return {{"svg", engine.svg(avatar)}, {"native", format.write(avatar)}};
}

// The two take turns, so that both see the same machine.
void measure(const Engine& engine, const nlohmann::json& native, const std::string& other, int repeat,
             ordered_json& answer) {
  const Avatar avatar = engine.check(DicebearOptions(engine).read(native).value()).value();
  double ours = std::numeric_limits<double>::infinity(), theirs = ours;
  for (int i = 0; i < repeat; ++i) {
    ours = std::min(ours, milliseconds([&] { draw_avatar(engine, avatar, kSize).value(); }));
    theirs = std::min(theirs, milliseconds([&] { draw_plainly(other); }));
  }
  answer["ours"] = ours;
  answer["theirs"] = theirs;
}

ordered_json answer(const nlohmann::json& request) {
  const Engine engine = Engine::open(request.at("definition").get<std::string>(), "style").value();
  const nlohmann::json& natives = request.at("natives");
  ordered_json answers = ordered_json::array();
  for (size_t i = 0; i < natives.size(); ++i) {
    answers.push_back(draw(engine, natives[i]));
    if (request.contains("others")) {
      measure(engine, natives[i], request["others"].at(i).get<std::string>(), request.at("repeat").get<int>(),
              answers.back());
    }
  }
  return answers;
}

}  // namespace

int main() {
  try {
    ordered_json answers = ordered_json::array();
    for (const nlohmann::json& request : nlohmann::json::parse(std::cin)) answers.push_back(answer(request));
    std::cout << answers.dump() << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "draw_avatars: " << error.what() << '\n';
    return 1;
  }
}
