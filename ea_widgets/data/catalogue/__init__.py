"""What is known of metrics: their names, units and descriptions, built in or registered."""
