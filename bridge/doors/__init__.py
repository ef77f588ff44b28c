"""Where callers come in: the TLS listener, HTTP requests, the WebSocket, the page of `GET /`."""
