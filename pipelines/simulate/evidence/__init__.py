"""What the product measures in simulated services, beside what is known of them."""
