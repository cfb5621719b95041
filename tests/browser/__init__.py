"""Tests in a real browser.

A package, so that its app and its browser end with the last test of this folder.
"""
