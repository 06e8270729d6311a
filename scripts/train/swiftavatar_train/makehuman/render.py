"""A small OpenGL renderer of textured meshes: colour and part label of each pixel, without a window (EGL)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import moderngl
import numpy as np
from PIL import Image

VERTEX_SHADER = """#version 330
uniform mat4 projection;
in vec3 position; in vec3 normal; in vec2 coordinate;
out vec3 surface_normal; out vec3 surface_point; out vec2 surface_coordinate;
void main() {
  surface_normal = normal; surface_point = position; surface_coordinate = coordinate;
  gl_Position = projection * vec4(position, 1.0);
}"""
# Two lights with wrapped diffuse (skin lets red light through) and a Blinn highlight. `dye` replaces the texture's colour
# but keeps its light and dark; the body reads its part (lips, ears, mouth, face, else neck) from a texture.
FRAGMENT_SHADER = """#version 330
uniform sampler2D diffuse, body_parts;
uniform vec3 tint, eye, light[2], light_colour[2], ambient, wrap;
uniform float specular, gloss, dye, cutoff;
uniform int part, is_body;
in vec3 surface_normal, surface_point; in vec2 surface_coordinate;
layout(location = 0) out vec4 colour; layout(location = 1) out vec4 label;
void main() {
  vec4 texel = texture(diffuse, surface_coordinate);
  if (texel.a < cutoff) discard;
  vec3 view = normalize(eye - surface_point), n = normalize(surface_normal);
  if (dot(n, view) < 0.0) n = -n;
  vec3 albedo = pow(texel.rgb, vec3(2.2));
  float luminance = dot(albedo, vec3(0.2126, 0.7152, 0.0722));
  albedo = mix(albedo * tint, tint * (0.25 + 2.2 * luminance), dye);
  vec3 light_sum = ambient, shine = vec3(0.0);
  float rim = 0.04 + 0.96 * pow(1.0 - max(dot(n, view), 0.0), 5.0);
  for (int k = 0; k < 2; ++k) {
    light_sum += light_colour[k] * max((vec3(dot(n, light[k])) + wrap) / (1.0 + wrap), 0.0);
    float facing = max(dot(n, normalize(light[k] + view)), 0.0);
    shine += light_colour[k] * pow(facing, gloss) * specular * (0.3 + rim);
  }
  colour = vec4(pow(clamp(albedo * light_sum + shine, 0.0, 1.0), vec3(1.0 / 2.2)), texel.a);
  int id = part;
  if (is_body == 1) {
    vec4 m = texture(body_parts, surface_coordinate);
    id = (m.r > 0.5 || m.b > 0.5) ? 4 : (m.g > 0.5 ? 6 : (m.a > 0.35 ? 1 : 8));
  }
  label = vec4(float(id) / 255.0, 0.0, 0.0, texel.a > 0.5 ? 1.0 : 0.0);
}"""


@dataclass
class Item:
    """One mesh to draw. `layer` 0 solid, 1 hair (solid core, then soft fringe), 2 soft decals (brows, lashes)."""
    vertices: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    texture: np.ndarray
    texture_faces: np.ndarray
    image: Path
    part: int
    layer: int = 0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    dye: float = 0.0
    specular: float = 0.0
    gloss: float = 10.0
    wrap: tuple[float, float, float] = (0.2, 0.2, 0.2)
    is_body: bool = False


@dataclass
class Scene:
    projection: np.ndarray  # [4, 4]
    eye: np.ndarray
    lights: np.ndarray  # [2, 3] unit vectors
    light_colours: np.ndarray  # [2, 3]
    ambient: tuple[float, float, float]
    background: np.ndarray  # uint8 [S, S, 3]


class Renderer:
    def __init__(self, size: int, body_parts: list[Path]) -> None:
        self.size = size
        self.context = moderngl.create_context(standalone=True, backend="egl")
        self.program = self.context.program(VERTEX_SHADER, FRAGMENT_SHADER)
        self.colour = self.context.texture((size, size), 4)
        self.label = self.context.texture((size, size), 4)
        self.target = self.context.framebuffer([self.colour, self.label], self.context.depth_renderbuffer((size, size)))
        self.textures: dict[Path, moderngl.Texture] = {}
        channels = [Image.open(path).convert("L").resize((1024, 1024)) for path in body_parts]
        self.parts = self._upload(Image.merge("RGBA", channels))

    def _upload(self, image: Image.Image) -> moderngl.Texture:
        image = image.convert("RGBA").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        texture = self.context.texture(image.size, 4, image.tobytes())
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        return texture

    def _set(self, name: str, value: object) -> None:
        if name in self.program:  # the compiler drops unused ones
            self.program[name].value = value

    def render(self, items: list[Item], scene: Scene) -> tuple[np.ndarray, np.ndarray]:
        """RGB uint8 [S, S, 3] and part uint8 [S, S]."""
        size = self.size
        self.target.use()
        self.target.clear()
        background = np.dstack([scene.background, np.full((size, size), 255, np.uint8)])[::-1]
        self.colour.write(np.ascontiguousarray(background).tobytes())
        self.label.write(bytes(4 * size * size))
        self.program["projection"].write(scene.projection.T.astype("f4").tobytes())
        self._set("eye", tuple(map(float, scene.eye)))
        self._set("light", [tuple(map(float, row)) for row in scene.lights])
        self._set("light_colour", [tuple(map(float, row)) for row in scene.light_colours])
        self._set("ambient", scene.ambient)
        self._set("diffuse", 0)
        self._set("body_parts", 1)
        self.parts.use(1)
        self.context.enable(moderngl.DEPTH_TEST)
        self.context.depth_func = "<="
        self.context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        meshes = [(item, self._mesh(item)) for item in items]
        for layer, cutoff, soft in ((0, 0.5, False), (1, 0.6, False), (2, 0.03, True), (1, 0.03, True)):
            for item, (_, array) in meshes:
                if item.layer == layer:
                    self._draw(item, array, 0.0 if item.is_body else cutoff, soft)
        self.target.depth_mask = True
        image = np.frombuffer(self.colour.read(), np.uint8).reshape(size, size, 4)[::-1, :, :3].copy()
        label = np.frombuffer(self.label.read(), np.uint8).reshape(size, size, 4)[::-1, :, 0].copy()
        for _, (buffer, array) in meshes:
            array.release()
            buffer.release()
        return image, label

    def _mesh(self, item: Item) -> tuple[moderngl.Buffer, moderngl.VertexArray]:
        corners = item.faces.ravel()
        data = np.concatenate([item.vertices[corners], item.normals[corners], item.texture[item.texture_faces.ravel()]], 1)
        buffer = self.context.buffer(data.astype("f4").tobytes())
        layout = [(buffer, "3f 3f 2f", "position", "normal", "coordinate")]
        return buffer, self.context.vertex_array(self.program, layout)

    def _draw(self, item: Item, array: moderngl.VertexArray, cutoff: float, soft: bool) -> None:
        if item.image not in self.textures:
            self.textures[item.image] = self._upload(Image.open(item.image))
        self.textures[item.image].use(0)
        for name in ("tint", "wrap", "specular", "gloss", "dye", "part"):
            self._set(name, getattr(item, name))
        self._set("cutoff", cutoff)
        self._set("is_body", int(item.is_body))
        (self.context.enable if soft else self.context.disable)(moderngl.BLEND)
        self.target.depth_mask = not soft
        array.render()


def perspective(field_of_view: float, near: float, far: float) -> np.ndarray:
    t = 1.0 / np.tan(field_of_view / 2)
    return np.array([[t, 0, 0, 0], [0, t, 0, 0], [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
                     [0, 0, -1, 0]], np.float32)


def look_at(eye: np.ndarray, centre: np.ndarray, roll: float = 0.0) -> np.ndarray:
    forward = (eye - centre) / np.linalg.norm(eye - centre)
    right = np.cross([np.sin(roll), np.cos(roll), 0.0], forward)
    right /= np.linalg.norm(right)
    view = np.eye(4, dtype=np.float32)
    view[:3, :3] = np.stack([right, np.cross(forward, right), forward])
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def project(points: np.ndarray, projection: np.ndarray, size: int) -> np.ndarray:
    """Points [N, 3] to pixels [N, 2], y down."""
    homogeneous = np.concatenate([points, np.ones((len(points), 1), points.dtype)], 1) @ projection.T
    clip = homogeneous[:, :2] / homogeneous[:, 3:]
    return np.stack([(clip[:, 0] + 1) / 2, (1 - clip[:, 1]) / 2], 1) * size
