"""The sliders and what they drive. Ends are chosen a little wider than the faces of photos vary."""

from __future__ import annotations


def _drive(component: str, property_: str, start: float | str, end: float | str, instance: int | None = None) -> dict:
    drive = {"component": component, "property": property_, "from": start, "to": end}
    return drive if instance is None else drive | {"instance": instance}


def _all(names: tuple[str, ...], property_: str, start: float, end: float) -> list[dict]:
    return [_drive(name, property_, start, end) for name in names]


def _both(names: tuple[str, ...], start: float, end: float) -> list[dict]:
    return _all(names, "scaleX", start, end) + _all(names, "scaleY", start, end)


BEARD = ("facialHair", "facialHairSkin", "facialHairFall")
HAIR = ("hair", "hairBack", "headwear", "headwearMask")
EARS = ("ears", "earrings")


def parameters() -> dict[str, dict]:
    def slider(drives: list[dict], measure: str | None = None) -> dict:
        return {"min": 0, "max": 1, "default": 0.5, **({"measure": measure} if measure else {}), "drives": drives}

    return {
        "face_width": slider(_all(("head", *HAIR, *BEARD, "glasses", "lines"), "scaleX", 0.90, 1.11) + _all(EARS, "translateX", 12.6, -13.9)
                             + [_drive("neck", "scaleX", 0.94, 1.06)], "face_width"),
        "jaw_width": slider([_drive("head", "blend", "jawNarrow", "jawWide"), *_all(BEARD, "scaleX", 0.96, 1.03),
                             _drive("neck", "scaleX", 0.97, 1.03)], "jaw_width"),
        "chin_length": slider([_drive("head", "blend", "chinShort", "chinLong"), *_all(BEARD, "scaleY", 0.88, 1.13),
                               _drive("neck", "translateY", -6, 8)], "chin_length"),
        "forehead_height": slider([_drive("head", "blend", "skullLow", "skullHigh")] + _all(HAIR, "translateY", 13, -13), "forehead_height"),
        "eye_size": slider(_both(("eyes",), 0.86, 1.16) + [_drive("glasses", "scaleY", 0.97, 1.04)], "eye_size"),
        "eye_spacing": slider([_drive("eyes", "translateX", 5, -5.5), _drive("glasses", "scaleX", 0.97, 1.03)], "eye_spacing"),
        "eye_height": slider(_all(("eyes", "brows", "glasses"), "translateY", 7, -7), "eye_height"),
        "eye_tilt": slider([_drive("eyes", "rotate", -4.5, 4.5)], "eye_tilt"),
        "brow_height": slider([_drive("brows", "translateY", 8, -12)], "brow_height"),
        "brow_tilt": slider([_drive("brows", "rotate", -5.5, 3)], "brow_tilt"),
        "brow_thickness": slider([_drive("brows", "scaleY", 0.72, 1.4)], "brow_thickness"),
        "nose_width": slider([_drive("nose", "scaleX", 0.84, 1.18)], "nose_width"),
        "nose_length": slider([_drive("nose", "scaleY", 0.90, 1.09)], "nose_length"),
        "mouth_width": slider([_drive("mouth", "scaleX", 0.82, 1.2)], "mouth_width"),
        "mouth_height": slider(_all(("mouth", *BEARD), "translateY", 8, -6), "mouth_height"),
        "lip_fullness": slider([_drive("mouth", "scaleY", 0.78, 1.25)], "lip_fullness"),
        "ear_size": slider(_both(("ears",), 0.82, 1.2) + [_drive("earrings", "translateY", -7, 8), _drive("earrings", "translateX", 1.5, -1.5)],
                           "ear_size"),
    }
