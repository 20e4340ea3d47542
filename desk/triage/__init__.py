"""Who gets a ticket, and by when it is to be answered: the engines' decisions, carried out."""
