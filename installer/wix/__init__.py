"""The source that wixl builds the MSI from, and what is added to it by SQL: pure, each room one part of the product.

Written for wixl 0.101: sequence numbers instead of After=, flat RegistryValue (nested keys end in a backslash),
deferred custom actions alone. What it cannot say at all is in `additions`.
"""
