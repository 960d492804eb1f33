"""Videos made for tests: outlines of the containers, and nothing that could be played."""


def box(name: bytes, content: bytes) -> bytes:
    """One ISO box."""
    return (len(content) + 8).to_bytes(4, "big") + name + content


def track(width: int, height: int, *, is_turned: bool = False) -> bytes:
    """A track of an MP4 file."""
    straight, turned = (0x10000, 0, 0, 0, 0x10000), (0, 0x10000, 0, -0x10000, 0)
    matrix = (*(turned if is_turned else straight), 0, 0, 0, 0x40000000)
    numbers = (*matrix, width << 16, height << 16)
    return box(
        b"trak", box(b"tkhd", bytes(40) + b"".join(number.to_bytes(4, "big", signed=True) for number in numbers))
    )


def mp4(*, tracks: bytes = track(640, 480), brand: bytes = b"isom", data: bytes = b"frames") -> bytes:
    """An MP4 file."""
    return (
        box(b"ftyp", brand + bytes(4) + b"isommp42")
        + box(b"moov", box(b"mvhd", bytes(100)) + tracks)
        + box(b"mdat", data)
    )


def element(name: bytes, content: bytes, *, is_open: bool = False) -> bytes:
    """One EBML element, its length in eight bytes; or left open."""
    length = b"\x01" + b"\xff" * 7 if is_open else (1 << 56 | len(content)).to_bytes(8, "big")
    return name + length + content


def picture(width: int, height: int) -> bytes:
    """A track of a WebM file."""
    sides = element(b"\xb0", width.to_bytes(2, "big")) + element(b"\xba", height.to_bytes(2, "big"))
    return element(b"\xae", element(b"\xe0", sides))


def webm(*, tracks: bytes = picture(320, 240), kind: bytes = b"webm", is_open: bool = False) -> bytes:
    """A WebM file."""
    content = element(b"\x16\x54\xae\x6b", tracks) + element(b"\x1f\x43\xb6\x75", b"frames", is_open=is_open)
    header = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", kind))
    return header + element(b"\x18\x53\x80\x67", content, is_open=is_open)
