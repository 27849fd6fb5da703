"""One script a claim; each prints what it measured as a table and, with --json FILE, writes it down."""
