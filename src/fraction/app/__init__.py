"""What the platform and its nodes do, one verb a file, through ports."""
