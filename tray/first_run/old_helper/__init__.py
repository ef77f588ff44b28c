"""The earlier helper (電子入札補助アプリ): where its settings lie, and what can be recognised in them.

docs/decisions/0024-what-is-taken-over.md: what is known of its files, and what is not.
"""
