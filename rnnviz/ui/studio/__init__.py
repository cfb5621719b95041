"""The training studio: the page "Train". What is pure here imports no Streamlit.

``fields``    what can be chosen, ``fit`` what goes with what, ``recipes`` from choices to a recipe
              and back, ``presets`` choices that teach, ``plan`` what a run would cost
``setup``     the form
``watched``   what a run has measured, thinned out for the browser; ``words`` how it stands
``live``      the page of one run
"""
