"""How the page "Train" looks beside what Streamlit does by itself."""

STYLE = """
<style>
.st-key-train-bar h4 { padding: 0; }
.st-key-train-bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-train-facts [data-testid="stMetricValue"] { font-size: 1.5rem; }
.st-key-train-live { gap: 0.5rem; }
.st-key-train-act { gap: 0.5rem; }
.st-key-train-runs { row-gap: 0; }
.st-key-train-presets { display: grid !important; gap: 0.8rem;
  grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); }
.st-key-train-presets > * { width: 100% !important; height: 100%; }
[data-testid="stButtonGroup"] :is([role="toolbar"], [role="radiogroup"]) { flex-wrap: wrap; }
@media (max-width: 640px) {
  .st-key-train-bar { padding-top: 1rem; }
  .st-key-train-bar h4 { font-size: 1.1rem; }
  .st-key-train-presets { grid-template-columns: none; grid-auto-flow: column;
    grid-auto-columns: 80%; overflow-x: auto; scroll-snap-type: x proximity;
    padding-bottom: 0.5rem; }
  .st-key-train-presets > * { scroll-snap-align: start; }
  .st-key-train-live > :has(> .st-key-train-act) { order: 1; position: sticky; bottom: 0;
    z-index: 5; }
  .st-key-train-act { flex-wrap: nowrap !important; overflow-x: auto; padding: 0.5rem 0;
    backdrop-filter: blur(14px); }
  .st-key-train-act > * { flex: none; }
  .st-key-train-facts [data-testid="stMetricValue"] { font-size: 1.2rem; }
}
</style>
"""
PLACES = ("setup", "live")


def style(shown: str) -> str:
    """Return the style of the page while it shows one of ``PLACES``.

    The other is hidden at once: what stood there is taken away only when all of this is drawn.
    """
    hidden = ", ".join(f".st-key-train-{one}" for one in PLACES if one != shown)
    return STYLE.replace("</style>", f"{hidden} {{ display: none !important; }}\n</style>")
