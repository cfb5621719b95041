"""How the page "Gradients" looks beside what Streamlit does by itself."""

STYLE = """
<style>
.st-key-lab-bar { row-gap: 0.25rem; }
[class*="st-key-lab-section-"] [data-testid="stMetricValue"] { font-size: 1.6rem; }
.st-key-lab-neighbours { margin-top: 1.5rem; }
@media (max-width: 640px) {
  [class*="st-key-lab-section-"] [data-testid="stMetricValue"] { font-size: 1.3rem; }
  [class*="st-key-lab-section-"] [data-testid="stButtonGroup"] [role="toolbar"] { flex-wrap: wrap; }
}
</style>
"""
