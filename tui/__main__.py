"""``python -m tui`` is the same as ``rollcall``."""

from tui.cli.main import main

raise SystemExit(main())
