#!/usr/bin/env python3
"""Draws the integration's icons, from nothing but shapes.

    scripts/draw_brand.py    writes custom_components/oxicleanarr/brand/

A frame of film with a clock in its middle: when its time has come, it goes, and a
corner of it is going already.
"""

from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

BRAND = Path(__file__).parents[1] / "custom_components" / "oxicleanarr" / "brand"

UNIT = 512
OVERSAMPLING = 4
TOP, BOTTOM = (0, 164, 220), (108, 74, 199)
WHITE = (255, 255, 255, 255)
# The corner that goes is a grid; the further out a cell, the less is left of it.
CELL = 40
LEFT_OF_CELL = (40, 40, 34, 27, 19, 12, 0)


def scaled(*values: float) -> tuple[float, ...]:
    """Return coordinates of the 512-unit canvas as pixels of the drawing."""
    return tuple(value * OVERSAMPLING for value in values)


def gradient(size: int) -> Image.Image:
    """Return the colours of the film, from the upper left to the lower right."""
    line = Image.linear_gradient("L").resize((size, size))
    diagonal = ImageChops.blend(line, line.transpose(Image.Transpose.ROTATE_90), 0.5)
    channels = [
        diagonal.point([round(a + (b - a) * step / 255) for step in range(256)])
        for a, b in zip(TOP, BOTTOM, strict=True)
    ]
    return Image.merge("RGB", channels)


def film() -> Image.Image:
    """Return the mask of the film: a frame with its perforation, a corner dissolving."""
    size = UNIT * OVERSAMPLING
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    draw.rounded_rectangle(scaled(0, 0, 512, 512), radius=96 * OVERSAMPLING, fill=255)
    for x in (38, 422):
        for y in (80, 180, 280, 380):
            draw.rounded_rectangle(
                scaled(x, y, x + 52, y + 52), radius=14 * OVERSAMPLING, fill=0
            )
    corner = 512 - 4 * CELL
    draw.rectangle(scaled(corner, corner, 512, 512), fill=0)
    for column in range(4):
        for row in range(4):
            side = LEFT_OF_CELL[column + row]
            left = corner + (column + 0.5) * CELL - side / 2
            upper = corner + (row + 0.5) * CELL - side / 2
            round_off = 0 if side == CELL else side * 0.24
            draw.rounded_rectangle(
                scaled(left, upper, left + side, upper + side),
                radius=round_off * OVERSAMPLING,
                fill=255 if side else 0,
            )
    return mask


def clock(image: Image.Image) -> None:
    """Draw the clock: white, its hands at eight past nothing in particular."""
    draw = ImageDraw.Draw(image)
    middle, radius = 256.0, 118.0
    draw.ellipse(
        scaled(middle - radius, middle - radius, middle + radius, middle + radius),
        outline=WHITE,
        width=30 * OVERSAMPLING,
    )
    for angle, length in ((-pi / 2, 66.0), (pi / 5, 50.0)):
        end = (middle + length * cos(angle), middle + length * sin(angle))
        draw.line(scaled(middle, middle, *end), fill=WHITE, width=28 * OVERSAMPLING)
        for x, y in ((middle, middle), end):
            draw.ellipse(scaled(x - 14, y - 14, x + 14, y + 14), fill=WHITE)


def icon() -> Image.Image:
    """Return the icon, larger than it is used."""
    size = UNIT * OVERSAMPLING
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    image.paste(gradient(size), mask=film())
    clock(image)
    return image


def main() -> None:
    """Write the icon in both sizes."""
    BRAND.mkdir(exist_ok=True)
    drawing = icon()
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        drawing.resize((size, size), Image.Resampling.LANCZOS).save(
            BRAND / name, optimize=True
        )
        print(BRAND / name)


if __name__ == "__main__":
    main()
