"""The block hash that other tools publish (blockhash.io), for tables that already hold it.

Not what this project compares by: its bits are set against the median of a band, and move with borders and light.
"""

import numpy as np
import numpy.typing as npt

BANDS = 4
"""Horizontal bands, each with a median of its own."""


def blockhash(pixels: npt.NDArray[np.uint8], *, bits: int = 16, even: bool = False) -> bytes:
    """Return the block hash (Yang, Gu, Niu 2006, method 1, as published by Commons Machinery) in `bits`² bits.

    Args:
        pixels: uint8[h, w, 3] RGB or uint8[h, w, 4] RGBA of full size; fully transparent pixels count as white.
        bits: blocks per side, a multiple of 4.
        even: blocks of a whole number of pixels, what is left over on the right and at the bottom does not count
            (the tool's quick mode). Else pixels on a block's border are shared (its precise mode).

    Raises:
        ValueError: another shape, or fewer pixels than blocks.
    """
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or pixels.dtype != np.uint8:
        raise ValueError(f"expected uint8[h, w, 3] or uint8[h, w, 4], got {pixels.dtype}{list(pixels.shape)}")
    height, width = pixels.shape[:2]
    if bits < 4 or bits % 4 or min(height, width) < bits:
        raise ValueError(f"bits must be a multiple of 4 and at most the sides {height}, {width}; got {bits}")
    values = pixels[..., :3].sum(axis=2, dtype=np.int64)
    if pixels.shape[2] == 4:
        values[pixels[..., 3] == 0] = 3 * 255
    if even or (height % bits == 0 and width % bits == 0):
        block_height, block_width = height // bits, width // bits
        kept = values[: bits * block_height, : bits * block_width]
        sums = kept.reshape(bits, block_height, bits, block_width).sum(axis=(1, 3)).astype(np.float64)
        area: float = block_height * block_width
    else:
        sums = _shares(height, bits) @ values.astype(np.float64) @ _shares(width, bits).T
        area = (height / bits) * (width / bits)
    half = area * 256 * 3 / 2
    flat = sums.reshape(BANDS, -1)
    medians = np.median(flat, axis=1, keepdims=True)
    return np.packbits((flat > medians) | ((np.abs(flat - medians) < 1) & (medians > half))).tobytes()


def _shares(length: int, bits: int) -> npt.NDArray[np.float64]:
    """Return float64[bits, length]: the part of each row (or column) of pixels that falls into each block."""
    size = length / bits
    shares = np.zeros((bits, length))
    for pixel in range(length):
        fraction, whole = np.modf((pixel + 1) % size)
        first = min(int(pixel // size), bits - 1)
        if whole > 0 or pixel + 1 == length:
            shares[first, pixel] = 1.0
        else:
            last = min(int(np.ceil(pixel / size)), bits - 1)
            shares[first, pixel] += 1 - fraction
            shares[last, pixel] += fraction
    return shares
