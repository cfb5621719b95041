"""What the page "Clips" is made of.

- `networks`: the networks that read clips, shipped ones and one's own.
- `choices`: the fields of the page, and what stands in its link.
- `visit`: what one visitor has drawn, brought and looked at, in Streamlit's session state.
- `subject`: the clip that is read.
- `measure`: how networks read it, kept between runs.
- `words`: what was found, in sentences.
- `files`, `annotated`: what one takes away.
- `teach`: the section "Teach it your own actions".
"""
