"""The installer for Windows, built on Debian: what is installed, the program's launchers, the MSI around them."""
