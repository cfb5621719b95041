"""The sections of the page "Gradients", one file each; see ``rnnviz.ui.laboratory``."""
