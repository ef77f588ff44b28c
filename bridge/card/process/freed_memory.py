"""What the card host's process needs in its environment so that memory which a vendor library frees is overwritten.

OpenSC 0.23 writes every command it sends, VERIFY too, as a hex dump into a block that it frees without wiping, whether
or not its log is on. glibc overwrites freed blocks when told so at the start of a process (mallopt(3), M_PERTURB; the
per-thread cache is passed over by that, so it is switched off). Elsewhere the variable has no meaning and does no harm.
"""

from __future__ import annotations

ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.perturb=165"}
