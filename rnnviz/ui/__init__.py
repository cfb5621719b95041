"""The Streamlit app: pages, browser components, and what they keep in memory."""
