"""Who may call: the peer's OS user, Host, Sec-Fetch and Origin, the list of allowed origins, rates and limits."""
