"""The portal's pages over HTTP: server-rendered, Japanese, the procedure's screens in the procedure's order."""
