"""What a participant sends, and what it takes for a picture and for a sound in what it gets."""

import math
from array import array

from aiortc import AudioStreamTrack, VideoStreamTrack
from av import VideoFrame

WIDTH, HEIGHT = 256, 144
BAR_WIDTH = 16
BAR_STEP = 4
TONE_HZ = 440
TONE_PEAK = 8_000

FRAMES = 10
CONTRAST = 60
PEAK = 500


class MovingBar(VideoStreamTrack):
    """A white bar that walks over black."""

    _at = 0

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        luma, *chroma = frame.planes
        row = bytearray([16] * luma.line_size)
        row[self._at : self._at + BAR_WIDTH] = [235] * BAR_WIDTH
        self._at = (self._at + BAR_STEP) % (WIDTH - BAR_WIDTH)
        luma.update(bytes(row) * HEIGHT)
        for plane in chroma:
            plane.update(bytes([128] * plane.buffer_size))
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """A sine in place of its base's silence."""

    async def recv(self):
        frame = await super().recv()
        step = 2 * math.pi * TONE_HZ / frame.sample_rate
        samples = (TONE_PEAK * math.sin(step * (frame.pts + index)) for index in range(frame.samples))
        frame.planes[0].update(array("h", map(int, samples)).tobytes())
        return frame


async def see(track):
    """Waits for a picture: so many decoded frames that are not all of one brightness. Its size."""
    seen = 0
    while seen < FRAMES:
        frame = await track.recv()
        pixels = bytes(frame.reformat(format="gray").planes[0])
        seen += max(pixels) - min(pixels) >= CONTRAST
    return {"width": frame.width, "height": frame.height}


async def hear(track):
    """Waits for a sound: decoded samples that are not silence. How loud it is."""
    peak = 0
    while peak < PEAK:
        samples = array("h", bytes((await track.recv()).planes[0]))
        peak = max(map(abs, samples), default=0)
    return {"peak": peak}
