"""Rows of `GET /Sessions`."""

from ..viewing import Session
from .dates import iso
from .rows import Row, Rows, Shape
from .system import Identity
from .version import Line


def session_row(rows: Rows, session: Session, server: Identity) -> Row:
    """Return a session as it is listed."""
    state: Row = {
        "CanSeek": session.item is not None,
        "IsPaused": session.paused,
        "IsMuted": False,
        "RepeatMode": "RepeatNone",
        "PlaybackOrder": "Default",
    }
    row: Row = {
        "PlayState": state,
        "AdditionalUsers": [],
        "Capabilities": {
            "PlayableMediaTypes": [],
            "SupportedCommands": [],
            "SupportsMediaControl": False,
            "SupportsPersistentIdentifier": True,
        },
        "RemoteEndPoint": "127.0.0.1",
        "PlayableMediaTypes": [],
        "Id": session.id,
        "UserId": session.user.id,
        "UserName": session.user.name,
        "Client": "Jellyfin Web",
        "LastActivityDate": iso(session.last_activity),
        "LastPlaybackCheckIn": iso(session.check_in)
        if session.check_in
        else "0001-01-01T00:00:00.0000000Z",
        "DeviceName": session.device,
        "DeviceId": session.id,
        "ApplicationVersion": server.version,
        "IsActive": True,
        "SupportsMediaControl": False,
        "SupportsRemoteControl": False,
        "NowPlayingQueue": [],
        "HasCustomDeviceName": False,
        "ServerId": server.server_id,
        "SupportedCommands": [],
    }
    if rows.line is not Line.V12:
        row["NowPlayingQueueFullItems"] = []
    if session.item is not None:
        state |= {
            "PositionTicks": session.position,
            "MediaSourceId": session.source_id,
            "PlayMethod": "DirectPlay",
        }
        row["NowPlayingItem"] = _now_playing(rows, session)
    return row


def _now_playing(rows: Rows, session: Session) -> Row:
    """Return the item that is played in a session."""
    assert session.item is not None
    item = session.item
    row = rows.row(item, Shape({"datecreated", "path", "providerids", "parentid"}))
    row["Id"] = session.source_id
    row |= {
        "ExternalUrls": [],
        "EnableMediaSourceDisplay": True,
        "Taglines": [],
        "Genres": [],
        "Studios": [],
        "GenreItems": [],
        "LocalTrailerCount": 0,
        "SpecialFeatureCount": 0,
        "PrimaryImageAspectRatio": 0.6666666666666666,
        "MediaStreams": [rows.stream()],
        "Chapters": [],
        "Trickplay": {},
        "Width": 1920,
        "Height": 1080,
    }
    if "SeriesName" in row and rows.line is not Line.V10_10:
        row["SeriesStudio"] = ""
    return row
