"""``python -m tui`` is the same as ``rollcall``."""

from tui.cli import main

raise SystemExit(main())
