"""What `zoo verify` and `zoo lint` found, in the formats that gates read: one row type, one module
a format."""
