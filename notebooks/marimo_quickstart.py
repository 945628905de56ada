"""imgmagic in marimo: `marimo edit notebooks/marimo_quickstart.py`, or `marimo run` for the app.

Without a key everything here is drawn by the simulator, which costs nothing.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import marimo as mo

    import imgmagic

    return imgmagic, mo


@app.cell
def _(mo):
    mo.md("""
    # Pictures in marimo

    marimo has no magics; `imgmagic.imagine()` draws instead. The cell shows how far the run is, then the picture.
    """)
    return


@app.cell
def _(imgmagic):
    lighthouse = imgmagic.imagine("a lighthouse on a beach at dusk", n=2)
    return (lighthouse,)


@app.cell
def _(lighthouse, mo):
    mo.md(f"""
    A generation is a value: {len(lighthouse.images)} pictures in {lighthouse.elapsed_s:.1f} s. Any other marimo widget
    can ask for one.
    """)
    return


@app.cell
def _(mo):
    style = mo.ui.dropdown(["watercolour", "pencil sketch", "pixel art"], value="watercolour", label="style")
    style
    return (style,)


@app.cell
def _(imgmagic, style):
    # A job runs beside the notebook, so its Stop works, in an app (`marimo run`) too.
    imgmagic.start(f"a red fox in a forest, {style.value}")
    return


@app.cell
def _(imgmagic):
    imgmagic.history
    return


if __name__ == "__main__":
    app.run()
