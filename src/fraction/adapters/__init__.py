"""What touches the world; one package per outside thing, none knows another."""
