"""The API as a whole: its routes, its document and the pages that explain it."""
