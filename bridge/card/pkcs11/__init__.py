"""Cards behind vendors' PKCS#11 libraries."""
