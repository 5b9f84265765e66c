"""Reports: one model of a run, pure, and one writer for each format."""
