"""What changes the catalogue, needs, project lists, claims and deliveries."""
