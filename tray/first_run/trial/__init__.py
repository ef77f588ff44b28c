"""The test signature: a page of the practice portal's origin, the real gate, windows and card, and the real portal."""
