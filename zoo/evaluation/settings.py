"""The preprocessing settings that an index can state; reading them needs no torch."""

from zoo.model_index.records.records import Entry

SETTINGS = ("image_size", "crop_pct", "crop_mode", "interpolation", "mean", "std")


def stated_settings(entry: Entry) -> dict[str, str]:
    """Return the preprocessing settings that the entry itself states."""
    stated = {key: str(claim.value) for key in SETTINGS if (claim := entry.claim(key))}
    return stated | ({"image_size": str(entry.image_size)} if entry.image_size else {})
