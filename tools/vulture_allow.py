"""Names that vulture finds no caller for; each group says who calls them."""
# ruff: noqa: B018, F821 - a list of names, never run

# IPython: the extension's hooks, the package's lazy names, tracebacks in one line, traits and their observers.
load_ipython_extension
unload_ipython_extension
__getattr__
__dir__
_render_traceback_
nest_asyncio
priority  # among the transformers of a cell
_nest_asyncio_changed
view_html  # by name, when a HistoryView is first shown
view_text

# The public API: what only users call.
pil

# argparse: what it is given by name.
nargs

# anywidget and traitlets: what the front end reads.
_.kernel_id
_._script
_._styles
_._any_place
_.handle_msg  # ipykernel calls it on a comm

# The option table: a TypedDict's keys.
output_compression
moderation
user
feather

# People: the Python API.
_.to_pandas
is_derived
_.may_change

# Tests and benchmarks: what a simulator saw.
_.requests
closed_at

# tornado, SQLAlchemy, httpx and tracebacks: hooks and attributes of theirs.
_.initialize
_.write_error
_.isolation_level
_.set_default_headers
_.on_finish
_.auth_flow
_.__traceback__
_.__suppress_context__
_.msg

# Files and documents: what a format holds though nothing here asks for it (HTML, "retry"; a recording's bounds).
retry_ms
partial_side
final_side
done_at

# The panel: what its JavaScript reads, and an alias that stands in quotes.
differs
forgotten
ready
most_thumbs
most_compared
has_stop
unset
Read

# The history: what SQLAlchemy reads of a type of ours.
impl
cache_ok
process_bind_param
