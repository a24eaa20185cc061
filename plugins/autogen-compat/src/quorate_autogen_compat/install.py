"""Importing this module lets the face answer to ``import autogen``.

``import autogen`` and ``import autogen.x`` then give the very modules ``quorate_autogen_compat`` and
``quorate_autogen_compat.x``, so that a class is the same class under both names. With ``QUORATE_AUTOGEN=1`` in the
environment every Python program of an installation starts with this import.

An ``autogen`` that is installed is not shadowed: importing it is refused while this module is asked for too.

Raises:
    ImportError: another ``autogen`` is loaded already.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

ALIAS = "autogen"
FACE = __name__.partition(".")[0]


class Face(MetaPathFinder, Loader):
    """Finds ``autogen`` and what is in it: the face's own modules, not copies of them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Find the face's module for one of these names.

        Raises:
            ImportError: an ``autogen`` is installed, or the module is one that the face does not have.
        """
        del path
        if fullname.partition(".")[0] != ALIAS:
            return None
        if fullname == ALIAS and (real := self._elsewhere(target)) is not None:
            raise ImportError(_both(real), name=ALIAS)
        found = importlib.util.find_spec(_own(fullname))
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, self, origin=found.origin, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Put the face's module in the place of the empty one that was made for the name."""
        sys.modules[module.__name__] = importlib.import_module(_own(module.__name__))

    def _elsewhere(self, target: ModuleType | None) -> str | None:
        """Where another ``autogen`` would come from; a mere folder of that name is none."""
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(ALIAS, None, target)
            if spec is not None and spec.loader is not None:
                return spec.origin or "an unknown place"
        return None


def _own(fullname: str) -> str:
    return FACE + fullname.removeprefix(ALIAS)


def _both(real: str) -> str:
    from importlib.metadata import packages_distributions

    dists = ", ".join(sorted(set(packages_distributions().get(ALIAS, ())))) or "no distribution"
    return (
        f"quorate_autogen_compat.install (or QUORATE_AUTOGEN=1) was asked to answer to `import {ALIAS}`, but another "
        f"{ALIAS} is there: {real}, from {dists}. Uninstall it, or do not ask for this: both will not do"
    )


def _install() -> None:
    loaded = sys.modules.get(ALIAS)
    if loaded is not None and loaded is not sys.modules[FACE]:
        raise ImportError(_both(str(getattr(loaded, "__file__", loaded))), name=ALIAS)
    if not any(isinstance(finder, Face) for finder in sys.meta_path):
        sys.meta_path.insert(0, Face())  # first: the face's folder holds files that others would load again


_install()
