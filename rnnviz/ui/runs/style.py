"""How the page "Runs" looks beside what Streamlit does by itself."""

STYLE = """
<style>
.st-key-runs-bar h4 { padding: 0; }
.st-key-runs-one { scroll-margin-top: 4rem; gap: 0.6rem; }
.st-key-runs-one h4 { overflow-wrap: anywhere; padding: 0.5rem 0 0; margin: 0; }
.st-key-runs-bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.runs-frame { overflow-x: auto; }
table.runs-facts { border-collapse: collapse; font-size: 0.85rem; }
table.runs-facts :is(th, td) {
  padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; vertical-align: top;
}
table.runs-facts tbody th { font-weight: 400; opacity: 0.8; }
table.runs-facts thead th { max-width: 14rem; overflow-wrap: anywhere; }
.runs-swatch {
  display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 3px; margin-right: 0.4rem;
}
.runs-gallery { display: flex; flex-wrap: wrap; gap: 0.6rem; }
.runs-gallery a { text-align: center; font-size: 0.8rem; }
.runs-gallery :is(a, a:link, a:visited, a:hover, span) { color: inherit !important; }
.runs-gallery a, .runs-gallery a:hover { text-decoration: none; }
.runs-gallery img { display: block; width: 72px; height: 72px; image-rendering: pixelated; }
.runs-gallery a:is(:hover, :focus-visible) img { outline: 3px solid #0072b2; }
[class*="st-key-runs"][class*="-csv-"] { margin-top: -3.2rem; }
@media (max-width: 640px) { .st-key-runs-bar { padding-top: 1rem; } }
</style>
"""
