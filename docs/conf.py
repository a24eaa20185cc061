"""Sphinx settings. Nothing here asks the network for anything."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "quorate"
copyright = "The quorate maintainers"  # noqa: A001 - the name that Sphinx reads
author = "The quorate maintainers"
version = release = version_of("quorate")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "quorate"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
