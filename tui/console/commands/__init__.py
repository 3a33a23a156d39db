"""Everything a person can do: one class per command, from which keys, footer, palette and help are made."""
