"""What a person is told when a clip cannot be read, or only a part of it."""

from typing import Any

from rnnviz.data.video.video import VideoLimits

SHORTER = "Cut it shorter, or save it smaller as mp4 (H.264)."
ANEW = "Was it copied or uploaded to its end? Save it anew as mp4 (H.264), or choose another one."


def too_large(came: int, limits: VideoLimits) -> str:
    """Return the message for a file of too many bytes."""
    return (
        f"The file has {came / 1e6:.1f} MB, but at most {limits.most_bytes / 1e6:.0f} MB are "
        f"read. {SHORTER}"
    )


def refusal(answer: dict[str, Any], limits: VideoLimits) -> str:
    """Return the message for a refusal of the worker; decoder/__init__.py lists them."""
    width, height = answer.get("width", 0), answer.get("height", 0)
    return {
        "no_video": "The file holds sound but no pictures. Choose a video or an animated GIF."
        if answer.get("sound")
        else "The file holds no video. Choose another one.",
        "codec": f"The pictures in the file are stored as {as_word(answer.get('codec'))}, which "
        "isn't read here. Save it as mp4 (H.264).",
        "pixels": f"The frames have {width:,} × {height:,} pixels, but at most "
        f"{limits.pixels / 1e6:.1f} million are read. Save it smaller, for example at 1920 × 1080.",
        "no_size": "By its own account the frames of the file have no pixels at all, or far too "
        f"many. {ANEW}",
        "damaged": f"The file is damaged or cut off: not two frames of it could be read. {ANEW}",
        "one": "The file holds one picture, not a clip. Choose a video or an animated GIF; single "
        "pictures are read by the page Draw.",
        "memory": f"Decoding the file takes too much memory. {SHORTER}",
        "slow": f"Decoding the file takes too long: after {as_time(limits.wall_s)} not two frames "
        f"could be read. {SHORTER}",
        "crash": f"The file cannot be decoded: it makes the decoder fail. {ANEW}",
    }[answer["refusal"]]


def as_word(codec: Any) -> str:
    """Return a codec's name if it looks like one; it comes from the file."""
    name = str(codec)[:20]
    return name if name.replace("_", "").replace("-", "").isalnum() else "an unknown codec"


def remarks(answer: dict[str, Any], read_s: float, limits: VideoLimits) -> str:
    """Return what a person should know about a reading that stopped early, or empty.

    Args:
        answer: What the worker says of the file and of where it stopped.
        read_s: How many seconds were read.
        limits: What it was read with.
    """
    length = answer["length_s"]
    whole = f"The clip lasts {as_time(length)}; only" if length and length > read_s else "Only"
    part = f"the first {as_time(read_s)} were read"
    because = {
        "seconds": ".",
        "frames": f", as these are {limits.decoded:,} frames already.",
        "deadline": ", as decoding it takes so long.",
    }.get(answer["stop"])
    said = [f"{whole} {part}{because}"] if because else []
    if answer["damaged"]:
        said.append("The file is damaged or cut off; what could be read of it is shown.")
    return " ".join(said)


def as_time(seconds: float) -> str:
    """Return a time as people say it: 2.5 s, 4 min 10 s, 2 h 5 min."""
    if seconds < 99.5:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
