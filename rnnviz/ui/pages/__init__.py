"""The pages of the app, one file each.

``NAME``         registry name, and the page's address; the page with the lowest ORDER opens first
``LABEL``        what the navigation shows
``ICON``         ":material/name:" of the navigation
``DESCRIPTION``  one line: what one sees there
``ORDER``        place in the navigation
``show()``       shows the page from top to bottom: choose, compute through the cache, show,
                 explain
"""
