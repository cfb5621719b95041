"""How the page "Gradients" looks beside what Streamlit does by itself."""

# A figure's CSV button stands level with the buttons of the figure's own.
STYLE = """
<style>
.st-key-lab-bar { row-gap: 0.25rem; }
[class*="st-key-lab-section-"] [data-testid="stMetricValue"] { font-size: 1.6rem; }
[class*="st-key-lab-section-"] [class*="-csv-"] { margin-top: -3.2rem; }
[class*="st-key-lab-section-"] [data-testid="stTable"] { overflow-x: auto; }
.st-key-lab-neighbours { margin-top: 1.5rem; }
@media (max-width: 640px) {
  .st-key-lab-bar { padding-top: 1rem; }
  [class*="st-key-lab-section-"] [data-testid="stMetricValue"] { font-size: 1.3rem; }
  [class*="st-key-lab-section-"] [data-testid="stTable"] :is(th, td) {
    font-size: 0.8rem; padding: 0.3rem;
  }
  [class*="st-key-lab-section-"] [data-testid="stButtonGroup"] [role="toolbar"] { flex-wrap: wrap; }
}
</style>
"""
