"""RFC 3161 time-stamps on documents' signatures, where policy names an authority (docs/decisions/0068)."""
