"""The server's own papers: system information, configuration, users, storage."""

from typing import Protocol

from ..household import Household
from ..items import Library, User
from ..viewing import Activity
from .dates import iso
from .rows import Row
from .version import Line

_CAST = [{"Id": "F007D354", "Name": "Stable"}, {"Id": "6F511C87", "Name": "Unstable"}]


class Identity(Protocol):
    """Who a server says it is."""

    name: str
    version: str
    line: Line
    server_id: str
    port: int

    @property
    def local_address(self) -> str:
        """Return the address the server believes it has."""


def system_info(server: Identity) -> Row:
    """Return `GET /System/Info`."""
    info: Row = {
        "OperatingSystemDisplayName": "",
        "HasPendingRestart": False,
        "IsShuttingDown": False,
        "SupportsLibraryMonitor": True,
        "WebSocketPortNumber": server.port,
        "CompletedInstallations": [],
        "CanSelfRestart": True,
        "CanLaunchWebBrowser": False,
        "ProgramDataPath": "/config/data",
        "WebPath": "/jellyfin/jellyfin-web",
        "ItemsByNamePath": "/config/data/metadata",
        "CachePath": "/config/cache",
        "LogPath": "/config/log",
        "InternalMetadataPath": "/config/data/metadata",
        "TranscodingTempPath": "/config/cache/transcodes",
        "CastReceiverApplications": _CAST,
        "HasUpdateAvailable": False,
        "EncoderLocation": "System",
        "SystemArchitecture": "X64",
        "LocalAddress": server.local_address,
        "ServerName": server.name,
        "Version": server.version,
        "ProductName": "Jellyfin Server",
        "OperatingSystem": "",
        "Id": server.server_id,
        "StartupWizardCompleted": True,
    }
    return info


def public_info(server: Identity) -> Row:
    """Return `GET /System/Info/Public`."""
    names = (
        "LocalAddress",
        "ServerName",
        "Version",
        "ProductName",
        "OperatingSystem",
        "Id",
        "StartupWizardCompleted",
    )
    info = system_info(server)
    return {name: info[name] for name in names}


def private_info(server: Identity) -> Row:
    """Return `GET /System/Info`, in which 10.10 leaves out two properties."""
    info = system_info(server)
    if server.line is Line.V10_10:
        del info["ProductName"], info["StartupWizardCompleted"]
    return info


def configuration(*, legacy: bool, line: Line) -> Row:
    """Return `GET /System/Configuration`."""
    settings: Row = {
        "EnableMetrics": False,
        "EnableNormalizedItemByNameIds": True,
        "IsPortAuthorized": True,
        "QuickConnectAvailable": True,
        "EnableCaseSensitiveItemIds": True,
        "DisableLiveTvChannelUserDataName": True,
        "MetadataPath": "",
        "PreferredMetadataLanguage": "en",
        "MetadataCountryCode": "US",
        "SortReplaceCharacters": [".", "+", "%"],
        "SortRemoveCharacters": [",", "&", "-", "{", "}", "'"],
        "SortRemoveWords": ["the", "a", "an"],
        "MinResumePct": 5,
        "MaxResumePct": 90,
        "MinResumeDurationSeconds": 300,
        "MinAudiobookResume": 5,
        "MaxAudiobookResume": 5,
        "InactiveSessionThreshold": 0,
        "LibraryMonitorDelay": 60,
        "LibraryUpdateDuration": 30,
        "ImageSavingConvention": "Legacy",
        "MetadataOptions": [],
        "SkipDeserializationForBasicTypes": True,
        "ServerName": "",
        "UICulture": "en-US",
        "SaveMetadataHidden": False,
        "ContentTypes": [],
        "RemoteClientBitrateLimit": 0,
        "EnableFolderView": False,
        "DisplaySpecialsWithinSeasons": True,
        "CodecsUsed": [],
        "PluginRepositories": [],
        "EnableExternalContentInSuggestions": True,
        "ImageExtractionTimeoutMs": 0,
        "PathSubstitutions": [],
        "EnableSlowResponseWarning": True,
        "SlowResponseThresholdMs": 500,
        "CorsHosts": ["*"],
        "ActivityLogRetentionDays": 30,
        "LibraryScanFanoutConcurrency": 0,
        "LibraryMetadataRefreshConcurrency": 0,
        "AllowClientLogUpload": True,
        "DummyChapterDuration": 0,
        "ChapterImageResolution": "MatchSource",
        "ParallelImageEncodingLimit": 0,
        "CastReceiverApplications": _CAST,
        "TrickplayOptions": {
            "EnableHwAcceleration": False,
            "EnableHwEncoding": False,
            "EnableKeyFrameOnlyExtraction": False,
            "ScanBehavior": "NonBlocking",
            "ProcessPriority": "BelowNormal",
            "Interval": 10000,
            "WidthResolutions": [320],
            "TileWidth": 10,
            "TileHeight": 10,
            "Qscale": 4,
            "JpegQuality": 90,
            "ProcessThreads": 1,
        },
        "LogFileRetentionDays": 3,
        "IsStartupWizardCompleted": True,
    }
    if line is Line.V10_10:
        settings |= {"RemoveOldPlugins": True, "EnableGroupingIntoCollections": False}
    else:
        settings |= {
            "CacheSize": 200,
            "EnableGroupingMoviesIntoCollections": False,
            "EnableGroupingShowsIntoCollections": False,
            "EnableLegacyAuthorization": legacy,
        }
    return settings


def storage(household: Household) -> Row:
    """Return `GET /System/Info/Storage` (10.11 and later)."""
    used = sum(file.size for file in household.disk.files.values())

    def folder(path: str) -> Row:
        """Return a folder with the space on its disk."""
        return {
            "Path": path,
            "FreeSpace": household.disk.free,
            "UsedSpace": used,
            "StorageType": "Fixed",
            "DeviceId": path,
        }

    unknown: Row = {"FreeSpace": -1, "UsedSpace": -1}
    return {
        "ProgramDataFolder": folder("/config/data"),
        "WebFolder": {"Path": "/jellyfin/jellyfin-web", **unknown},
        "ImageCacheFolder": {"Path": "/config/cache/images", **unknown},
        "CacheFolder": folder("/config/cache"),
        "LogFolder": folder("/config/log"),
        "InternalMetadataFolder": folder("/config/data/metadata"),
        "TranscodingTempFolder": folder("/config/cache/transcodes"),
        "Libraries": [
            {
                "Id": library.id,
                "Name": library.name,
                "Folders": [folder(path) for path in library.locations],
            }
            for library in household.libraries
        ],
    }


def library_options(library: Library, line: Line) -> Row:
    """Return the options of a library."""
    provider_order = (
        "MediaSegmentProvideOrder"
        if line is Line.V10_10
        else "MediaSegmentProviderOrder"
    )
    return {
        "Enabled": True,
        "EnablePhotos": True,
        "EnableRealtimeMonitor": True,
        "EnableLUFSScan": False,
        "EnableChapterImageExtraction": False,
        "ExtractChapterImagesDuringLibraryScan": False,
        "EnableTrickplayImageExtraction": False,
        "ExtractTrickplayImagesDuringLibraryScan": False,
        "PathInfos": [{"Path": path} for path in library.locations],
        "SaveLocalMetadata": True,
        "EnableInternetProviders": True,
        "EnableAutomaticSeriesGrouping": True,
        "EnableEmbeddedTitles": False,
        "EnableEmbeddedExtrasTitles": False,
        "EnableEmbeddedEpisodeInfos": False,
        "AutomaticRefreshIntervalDays": 0,
        "SeasonZeroDisplayName": "Specials",
        "DisabledLocalMetadataReaders": [],
        "DisabledSubtitleFetchers": [],
        "SubtitleFetcherOrder": [],
        "DisabledMediaSegmentProviders": [],
        provider_order: [],
        "SkipSubtitlesIfEmbeddedSubtitlesPresent": False,
        "SkipSubtitlesIfAudioTrackMatches": True,
        "RequirePerfectSubtitleMatch": True,
        "SaveSubtitlesWithMedia": True,
        "SaveLyricsWithMedia": False,
        "SaveTrickplayWithMedia": False,
        "DisabledLyricFetchers": [],
        "LyricFetcherOrder": [],
        "PreferNonstandardArtistsTag": False,
        "UseCustomTagDelimiters": False,
        "CustomTagDelimiters": ["/", "|", ";", "\\"],
        "DelimiterWhitelist": [],
        "AutomaticallyAddToCollection": False,
        "AllowEmbeddedSubtitles": "AllowAll",
        "TypeOptions": [],
    }


def virtual_folder(library: Library, line: Line, *, scanning: bool) -> Row:
    """Return the row of `GET /Library/VirtualFolders`."""
    row: Row = {"Name": library.name, "Locations": list(library.locations)}
    if library.collection_type is not None:
        row["CollectionType"] = library.collection_type
    row["LibraryOptions"] = library_options(library, line)
    row["ItemId"] = library.id
    row["RefreshStatus"] = "Active" if scanning else "Idle"
    return row


def activity_row(entry: Activity) -> Row:
    """Return the row of `GET /System/ActivityLog/Entries`."""
    row: Row = {"Id": entry.id, "Name": entry.name, "Type": entry.type}
    if entry.item_id is not None:
        row["ItemId"] = entry.item_id
    else:
        row["ShortOverview"] = "IP address: 127.0.0.1"
    return row | {
        "Date": iso(entry.date),
        "UserId": entry.user_id,
        "Severity": "Information",
    }


def scan_task(household: Household) -> Row:
    """Return the row of `GET /ScheduledTasks` for the scan of the libraries."""
    row: Row = {
        "Name": "Scan Media Library",
        "State": "Running" if household.scanning else "Idle",
        "Id": "7738148ffcd07979c7ceb148e06b3aed",
        "Triggers": [{"Type": "IntervalTrigger", "IntervalTicks": 432_000_000_000}],
        "Description": "Scans your media library for new files and refreshes metadata.",
        "Category": "Library",
        "IsHidden": False,
        "Key": "RefreshLibrary",
    }
    if household.scanning:
        row["CurrentProgressPercentage"] = 40.0
    if household.last_scan:
        began, ended = household.last_scan
        row["LastExecutionResult"] = {
            "StartTimeUtc": iso(began),
            "EndTimeUtc": iso(ended),
            "Status": "Completed",
            "Name": row["Name"],
            "Key": row["Key"],
            "Id": row["Id"],
        }
    return row


def user_row(user: User, server_id: str, household: Household) -> Row:
    """Return the row of `GET /Users`."""
    folders = (
        []
        if user.libraries is None
        else [each.id for each in household.libraries if user.sees(each)]
    )
    row: Row = {
        "Name": user.name,
        "ServerId": server_id,
        "Id": user.id,
        "HasPassword": True,
        "HasConfiguredPassword": True,
        "HasConfiguredEasyPassword": False,
        "EnableAutoLogin": False,
    }
    if user.last_activity is not None:
        row |= {
            "LastLoginDate": iso(user.last_activity),
            "LastActivityDate": iso(user.last_activity),
        }
    row["Configuration"] = {
        "PlayDefaultAudioTrack": True,
        "SubtitleLanguagePreference": "",
        "DisplayMissingEpisodes": False,
        "GroupedFolders": [],
        "SubtitleMode": "Default",
        "DisplayCollectionsView": False,
        "EnableLocalPassword": False,
        "OrderedViews": [],
        "LatestItemsExcludes": [],
        "MyMediaExcludes": [],
        "HidePlayedInLatest": True,
        "RememberAudioSelections": True,
        "RememberSubtitleSelections": True,
        "EnableNextEpisodeAutoPlay": True,
        "CastReceiverId": "F007D354",
    }
    limit = {} if user.max_rating is None else {"MaxParentalRating": user.max_rating}
    row["Policy"] = limit | {
        "IsAdministrator": user.administrator,
        "IsHidden": True,
        "EnableCollectionManagement": user.administrator,
        "EnableSubtitleManagement": False,
        "EnableLyricManagement": False,
        "IsDisabled": user.disabled,
        "BlockedTags": sorted(user.blocked_tags),
        "AllowedTags": [],
        "EnableUserPreferenceAccess": True,
        "AccessSchedules": [],
        "BlockUnratedItems": [],
        "EnableRemoteControlOfOtherUsers": False,
        "EnableSharedDeviceControl": True,
        "EnableRemoteAccess": True,
        "EnableLiveTvManagement": False,
        "EnableLiveTvAccess": True,
        "EnableMediaPlayback": True,
        "EnableAudioPlaybackTranscoding": True,
        "EnableVideoPlaybackTranscoding": True,
        "EnablePlaybackRemuxing": True,
        "ForceRemoteSourceTranscoding": False,
        "EnableContentDeletion": user.may_delete,
        "EnableContentDeletionFromFolders": [],
        "EnableContentDownloading": True,
        "EnableSyncTranscoding": True,
        "EnableMediaConversion": True,
        "EnabledDevices": [],
        "EnableAllDevices": True,
        "EnabledChannels": [],
        "EnableAllChannels": True,
        "EnabledFolders": folders,
        "EnableAllFolders": user.libraries is None,
        "InvalidLoginAttemptCount": 0,
        "LoginAttemptsBeforeLockout": -1,
        "MaxActiveSessions": 0,
        "EnablePublicSharing": True,
        "BlockedMediaFolders": [],
        "BlockedChannels": [],
        "RemoteClientBitrateLimit": 0,
        "AuthenticationProviderId": "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider",
        "PasswordResetProviderId": "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider",
        "SyncPlayAccess": "CreateAndJoinGroups",
    }
    return row
