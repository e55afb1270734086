"""QR codes as SVG for the page."""

from __future__ import annotations

import segno

QUIET_ZONE = 4
# Any mask can be read. Choosing the best of eight costs 20 ms a code, two thirds of the time to
# make a certificate; this one breaks up the long runs that base64 text leaves.
MASK = 2


def qr_svg(text: str) -> str:
    """Return a QR code (error correction M) as SVG, one path of black modules."""
    code = segno.make(text, error="m", micro=False, mask=MASK, boost_error=False)
    side = len(code.matrix) + 2 * QUIET_ZONE
    strokes = []
    for y, row in enumerate(code.matrix):
        line = bytes(row).translate(_AS_TEXT).decode()
        start = line.find("1")
        while start >= 0:
            stop = line.find("0", start)
            stop = len(line) if stop < 0 else stop
            strokes.append(
                f"M{start + QUIET_ZONE} {y + QUIET_ZONE}h{stop - start}v1h{start - stop}z"
            )
            start = line.find("1", stop)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(strokes)}"/></svg>'
    )


_AS_TEXT = bytes.maketrans(b"\x00\x01", b"01")
