"""What Windows Installer runs of us as SYSTEM: bridges ended and started again, and the folder that all users share."""
