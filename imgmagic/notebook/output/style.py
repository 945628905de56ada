"""Style: the inline CSS that several outputs share; a saved output has no style sheet."""

MUTED = "color:var(--jp-ui-font-color2,#616161);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"
CAPTION = f"{MUTED};margin-top:4px"  # below a picture, which must be a block: inline, it would leave a gap for text
