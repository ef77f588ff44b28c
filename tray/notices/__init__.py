"""What the desktop is asked to tell the person: cards that come and go, certificates that end, an icon not shown."""
