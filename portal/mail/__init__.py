"""The portal's mails: what they say, and how they leave. They are auxiliary: no procedure waits for one."""
