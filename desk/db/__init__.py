"""Database: engines, column types, the declarative base and the migrations."""
