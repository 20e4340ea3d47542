"""Who gets a ticket, and by when it is to be answered: bot, clocks and routing, carried out."""
