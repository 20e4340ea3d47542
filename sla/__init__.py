"""The SLA engine: business time, policies, clocks and routing; all rules pure."""
