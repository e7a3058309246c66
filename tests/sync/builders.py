"""Items and titles as the servers list them."""

from custom_components.oxicleanarr.model import ArrFile, ArrMovie, MediaItem, MediaKind


def item(
    item_id: str,
    path: str | None = None,
    *,
    kind: MediaKind = MediaKind.MOVIE,
    sources: int = 1,
    **ids: str,
) -> MediaItem:
    """Return a movie or series as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=kind,
        title="same title for all",
        library_id="1",
        path=path,
        provider_ids=ids,
        source_count=sources,
    )


def movie(
    title_id: int,
    folder: str | None = None,
    file: str | None = "film.mkv",
    *,
    has_file: bool | None = True,
    root: str = "/movies",
    **ids: str,
) -> ArrMovie:
    """Return a movie of Radarr; ``file`` is its name."""
    return ArrMovie(
        title_id=title_id,
        title="same title for all",
        provider_ids=ids,
        path=folder,
        root_folder=root,
        has_file=has_file,
        file=(
            ArrFile(file_id=title_id, path=f"{folder}/{file}")
            if folder and file
            else None
        ),
    )
