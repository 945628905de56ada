"""How the site is built; `python -m tools.docs` lays its source out first."""

project = "imgmagic"
author = "the imgmagic authors"
html_show_copyright = False
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "imgmagic"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_theme_options = {"top_of_page_buttons": []}  # there is no address of the source to link to yet

# The notebooks are shown as they are saved: `python -m tools.notebooks check` holds their outputs.
nb_execution_mode = "off"
# The panel's and the views' own kinds of output have a plain one beside them, which is shown.
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
