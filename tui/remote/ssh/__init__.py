"""Who a host is, and how it is reached and logged into: what ssh(1) would do."""
