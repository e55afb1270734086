"""The Merkle tree over the leaves, hashed as RFC 9162 section 2.1 says.

Source: RFC 9162, section 2.1.1: a leaf's digest is SHA-256 of 0x00 and the leaf, a node's that of
0x01 and both digests below it. The library does that; a test holds it to the RFC.
"""

from __future__ import annotations

from collections.abc import Iterable

from pymerkle import InmemoryTree


class Tree(InmemoryTree):  # type: ignore[misc]  # the library has no types
    """A tree in memory, made from the leaves in their order."""

    def path(self, index: int, size: int) -> list[bytes]:
        """Return the digests that lead from a leaf to the root, the leaf's neighbour first.

        Args:
            index: of the leaf, from 0.
            size: number of leaves under the root.

        Source: RFC 9162, section 2.1.3.1.
        """
        return self._path(index, 0, size)

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        half = 1 << (end - start - 1).bit_length() - 1
        if index < start + half:
            rest, digest = (start, start + half), self._get_root(start + half, end)
        else:
            rest, digest = (start + half, end), self._get_root(start, start + half)
        return [*self._path(index, *rest), digest]


def plant(leaves: Iterable[str]) -> Tree:
    """Make a tree of leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.append_entry(leaf.encode())
    return tree
