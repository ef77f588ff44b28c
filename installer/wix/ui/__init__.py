"""What a person sees who double-clicks the MSI, in the language of their Windows: Japanese, else English."""
