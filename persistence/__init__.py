"""The cellar of the house: what tables are made of. It knows no table and opens no database."""
