"""What people and machines see: the command line, the web, the model server, the nodes."""
