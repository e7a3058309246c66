"""Posters, drawn from the title: the same title always gives the same picture."""

from colorsys import hls_to_rgb
from functools import cache, lru_cache
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 400, 600


@lru_cache(maxsize=512)
def poster(title: str, year: int | None = None, *, height: int = HEIGHT) -> bytes:
    """Return the poster of a title as a JPEG."""
    seed = sha256(f"{title}/{year}".encode()).digest()
    picture = _background(seed)
    _skyline(picture, seed)
    _lettering(picture, title, year)
    if height < HEIGHT:
        picture = picture.resize(
            (max(1, WIDTH * height // HEIGHT), height), Image.Resampling.LANCZOS
        )
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _color(hue: float, lightness: float, saturation: float) -> tuple[int, int, int]:
    """Return a color as three numbers."""
    red, green, blue = hls_to_rgb(hue % 1.0, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _background(seed: bytes) -> Image.Image:
    """Return a sky: a gradient between two neighbouring hues, with a soft sun."""
    hue = seed[0] / 255
    ramp = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    top = Image.new("RGB", (WIDTH, HEIGHT), _color(hue, 0.18, 0.65))
    bottom = Image.new(
        "RGB", (WIDTH, HEIGHT), _color(hue + 0.08 + seed[1] / 1200, 0.62, 0.75)
    )
    sky = Image.composite(bottom, top, ramp)
    glow = Image.new("L", (WIDTH, HEIGHT), 0)
    x, y, radius = 90 + seed[2] % 220, 150 + seed[3] % 150, 45 + seed[4] % 55
    draw = ImageDraw.Draw(glow)
    draw.ellipse(
        (x - radius * 2, y - radius * 2, x + radius * 2, y + radius * 2), fill=70
    )
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=235)
    glow = glow.filter(ImageFilter.GaussianBlur(6))
    sun = Image.new("RGB", (WIDTH, HEIGHT), _color(hue + 0.12, 0.86, 0.9))
    return Image.composite(sun, sky, glow)


def _skyline(picture: Image.Image, seed: bytes) -> None:
    """Draw three ranges of hills, the nearest the darkest."""
    draw = ImageDraw.Draw(picture)
    hue = seed[0] / 255
    for layer in range(3):
        base = 350 + layer * 65
        points: list[tuple[float, float]] = [(0, HEIGHT)]
        for step in range(9):
            wave = (
                seed[5 + layer * 9 + step] if 5 + layer * 9 + step < len(seed) else 128
            )
            points.append((step * WIDTH / 8, base - (wave - 110) / (2.0 + layer)))
        points.append((WIDTH, HEIGHT))
        draw.polygon(points, fill=_color(hue + 0.03 * layer, 0.30 - 0.09 * layer, 0.45))


def _lettering(picture: Image.Image, title: str, year: int | None) -> None:
    """Write the title at the foot, in as large letters as fit."""
    draw = ImageDraw.Draw(picture)
    lines, font = _fitted(draw, title.upper())
    line_height = font.size * 1.12
    y = 545 - line_height * len(lines)
    for line in lines:
        draw.text((WIDTH / 2 + 2, y + 2), line, font=font, fill=(0, 0, 0), anchor="ma")
        draw.text((WIDTH / 2, y), line, font=font, fill=(250, 246, 236), anchor="ma")
        y += line_height
    if year:
        small = _font(20)
        draw.text(
            (WIDTH / 2, 560), str(year), font=small, fill=(226, 220, 206), anchor="ma"
        )


def _fitted(
    draw: ImageDraw.ImageDraw, text: str
) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Return the text broken into lines, and the largest font in which they fit."""
    words = text.split()
    for size in range(56, 18, -2):
        font = _font(size)
        lines: list[str] = []
        for word in words:
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and draw.textlength(joined, font=font) <= WIDTH - 50:
                lines[-1] = joined
            else:
                lines.append(word)
        if len(lines) <= 4 and all(
            draw.textlength(line, font=font) <= WIDTH - 50 for line in lines
        ):
            break
    return lines, font


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font of a size."""
    font = ImageFont.load_default(size=size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
