"""The agency's own pages, under /officers: sessions, cookie and ways of their own."""
