"""How the documentation is built: Sphinx, furo and MyST; `make docs` writes the law pages first."""

project = "totalize"
author = "the totalize contributors"
copyright = author  # noqa: A001 - the name that Sphinx asks for
html_title = "totalize"
html_show_sphinx = False

extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
# Texts of the law data are shown letter by letter.
smartquotes = False
exclude_patterns = ["_build", "lawpages"]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["law.css"]
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
