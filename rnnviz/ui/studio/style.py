"""How the page "Train" looks beside what Streamlit does by itself."""

STYLE = """
<style>
.st-key-train-bar h4 { padding: 0; }
.st-key-train-bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-train-facts [data-testid="stMetricValue"] { font-size: 1.5rem; }
.st-key-train-runs { row-gap: 0; }
.st-key-train-presets { align-items: stretch; }
@media (max-width: 640px) {
  .st-key-train-bar { padding-top: 1rem; }
  .st-key-train-bar h4 { font-size: 1.1rem; }
  .st-key-train-presets { flex-wrap: nowrap !important; overflow-x: auto;
    scroll-snap-type: x proximity; padding-bottom: 0.5rem; }
  .st-key-train-presets > * { flex: none !important; scroll-snap-align: start; }
  .st-key-train-facts [data-testid="stMetricValue"] { font-size: 1.2rem; }
}
</style>
"""
